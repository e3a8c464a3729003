// A light reader of TypeScript for the house rules: tells code from comments, strings and regular
// expressions, so that a rule about code does not trip over a word in a sentence.

/** A source text whose comments, and the insides of strings and regular expressions, are spaces.
 * Every other character stands where it stood, line breaks included. */
export function blankCode(text: string): string {
  const reader = new Reader(text);
  reader.read();
  return reader.blanked();
}

/** Words after which a slash begins a regular expression. */
const OPERATOR_WORD =
  /(?:^|[^\w$.])(?:return|typeof|case|in|of|void|await|yield|throw|new|delete)$/;

class Reader {
  private readonly text: string;
  private readonly result: string[];
  private position = 0;
  /** Open braces: `{` of code, `$` of a template's expression. */
  private readonly braces: ('{' | '$')[] = [];

  constructor(text: string) {
    this.text = text;
    this.result = text.split('');
  }

  blanked(): string {
    return this.result.join('');
  }

  read(): void {
    while (this.position < this.text.length) this.step();
    if (this.braces.length > 0) throw new Error('The reader lost count of braces');
  }

  private step(): void {
    const here = this.text[this.position] ?? '';
    const two = this.text.slice(this.position, this.position + 2);
    if (two === '//') this.blankUntil('\n', 0);
    else if (two === '/*') this.blankUntil('*/', 2);
    else if (here === "'" || here === '"') this.string(here);
    else if (here === '`') this.template();
    else if (here === '/' && this.startsExpression()) this.expression();
    else if (here === '{') this.braces.push('{');
    else if (here === '}' && this.braces.pop() === '$') this.template();
    this.position += 1;
  }

  private blank(from: number, to: number): void {
    for (let index = from; index < to; index += 1) {
      if (this.text[index] !== '\n') this.result[index] = ' ';
    }
  }

  private blankUntil(end: string, keep: number): void {
    const found = this.text.indexOf(end, this.position + keep);
    const stop = found === -1 ? this.text.length : found + keep;
    this.blank(this.position, stop);
    this.position = stop - 1;
  }

  private string(quote: string): void {
    const start = this.position + 1;
    this.position = start;
    while (this.position < this.text.length && this.text[this.position] !== quote) {
      this.position += this.text[this.position] === '\\' ? 2 : 1;
    }
    this.blank(start, this.position);
  }

  /** From the opening backtick, or the brace that closes an expression within, up to the closing
   * backtick or the brace that opens the next. */
  private template(): void {
    const start = this.position + 1;
    this.position = start;
    while (this.position < this.text.length) {
      const here = this.text[this.position];
      if (here === '`') break;
      if (here === '$' && this.text[this.position + 1] === '{') {
        this.blank(start, this.position);
        this.braces.push('$');
        this.position += 1;
        return;
      }
      this.position += here === '\\' ? 2 : 1;
    }
    this.blank(start, this.position);
  }

  private startsExpression(): boolean {
    const before = this.result.slice(Math.max(0, this.position - 200), this.position).join('');
    const code = before.trimEnd();
    return code === '' || /[(,=:[!&|?{};+\-*%<>~^]$/.test(code) || OPERATOR_WORD.test(code);
  }

  private expression(): void {
    const start = this.position + 1;
    let inClass = false;
    this.position = start;
    while (this.position < this.text.length) {
      const here = this.text[this.position];
      if (here === '\n' || (here === '/' && !inClass)) break;
      if (here === '[') inClass = true;
      if (here === ']') inClass = false;
      this.position += here === '\\' ? 2 : 1;
    }
    this.blank(start, this.position);
  }
}
