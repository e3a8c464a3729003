// Reads FHIRPath into a tree, as far as R4's constraints use the language. What is not read here is
// left to the fhirpath library. First step of generate-invariants.ts.
// http://hl7.org/fhirpath/N1/grammar.html

/** One node of an expression. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'this' }
  /** `%resource`, without the sign. */
  | { readonly kind: 'variable'; readonly name: string }
  /** `target.name`; without a target, of the focus. */
  | { readonly kind: 'member'; readonly target?: Expression; readonly name: string }
  | {
      readonly kind: 'call';
      readonly target?: Expression;
      readonly name: string;
      readonly args: readonly Expression[];
    }
  | { readonly kind: 'index'; readonly target: Expression; readonly index: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    };

/** Why an expression was not read, or not written as code: it uses more than is known. */
export class Unsupported extends Error {}

/** It names an element that the types of R4 do not have there. */
export class UnknownElement extends Unsupported {}

interface Token {
  readonly kind: 'string' | 'number' | 'name' | 'quoted' | 'variable' | 'this' | 'symbol' | 'end';
  readonly text: string;
}

type TokenShape = readonly [Token['kind'] | 'space', RegExp];

const tokenShapes: readonly TokenShape[] = [
  ['space', /\s+/y],
  ['string', /'(?:[^'\\]|\\.)*'/y],
  ['quoted', /`[^`]*`/y],
  ['number', /\d+(?:\.\d+)?/y],
  ['this', /\$this/y],
  ['variable', /%\w+/y],
  ['name', /[A-Za-z_]\w*/y],
  ['symbol', /<=|>=|!=|!~|[-.,()[\]{}=<>~|&+*/]/y],
];

/** Operators by how firmly they bind, loosest first. Names are operators where one may stand. */
const BINDING: Readonly<Record<string, number>> = {
  implies: 1,
  or: 2,
  xor: 2,
  and: 3,
  in: 4,
  contains: 4,
  '=': 5,
  '!=': 5,
  '<': 6,
  '>': 6,
  '<=': 6,
  '>=': 6,
  '|': 7,
  is: 8,
  as: 8,
  '+': 9,
  '-': 9,
  '&': 9,
  '*': 10,
  div: 10,
  mod: 10,
};

/** @throws Unsupported for what R4's constraints do not use */
export function readExpression(text: string): Expression {
  const reader = new Reader(tokensOf(text));
  const expression = reader.expression(0);
  reader.expect('end', '');
  return expression;
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let position = 0;
  while (position < text.length) {
    const found = matchAt(text, position);
    if (found === undefined) throw new Unsupported(`'${text.slice(position, position + 20)}'`);
    const [kind, match] = found;
    position += match.length;
    if (kind !== 'space') tokens.push({ kind, text: match });
  }
  return [...tokens, { kind: 'end', text: '' }];
}

function matchAt(text: string, position: number): [TokenShape[0], string] | undefined {
  for (const [kind, pattern] of tokenShapes) {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match !== null) return [kind, match[0]];
  }
  return undefined;
}

/** Reads by precedence, one token ahead. */
class Reader {
  private readonly tokens: readonly Token[];
  private position = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  expression(loosest: number): Expression {
    let left = this.postfix(this.term());
    for (;;) {
      const operator = this.peek().text;
      const binding = this.isOperator() ? BINDING[operator] : undefined;
      if (binding === undefined || binding <= loosest) return left;
      this.position += 1;
      const right = this.expression(binding);
      left = { kind: 'binary', operator, left, right };
    }
  }

  expect(kind: Token['kind'], text: string): void {
    const token = this.next();
    if (token.kind !== kind || token.text !== text) throw new Unsupported(`'${token.text}'`);
  }

  private isOperator(): boolean {
    const { kind, text } = this.peek();
    return (kind === 'name' || kind === 'symbol') && Object.hasOwn(BINDING, text);
  }

  private peek(): Token {
    return this.tokens[this.position] ?? { kind: 'end', text: '' };
  }

  private next(): Token {
    const token = this.peek();
    this.position += 1;
    return token;
  }

  private takes(symbol: string): boolean {
    const { kind, text } = this.peek();
    if (kind !== 'symbol' || text !== symbol) return false;
    this.position += 1;
    return true;
  }

  private term(): Expression {
    const { kind, text } = this.next();
    switch (kind) {
      case 'string':
        return { kind: 'literal', value: unescaped(text.slice(1, -1)) };
      case 'number':
        return { kind: 'literal', value: Number(text) };
      case 'this':
        return { kind: 'this' };
      case 'variable':
        return { kind: 'variable', name: text.slice(1) };
      case 'name':
      case 'quoted':
        return this.named(text, undefined);
      case 'symbol':
        return this.bracketed(text);
      case 'end':
        throw new Unsupported('an end too early');
    }
  }

  private bracketed(open: string): Expression {
    if (open === '{') {
      this.expect('symbol', '}');
      return { kind: 'nothing' };
    }
    if (open !== '(') throw new Unsupported(`'${open}'`);
    const inner = this.expression(0);
    this.expect('symbol', ')');
    return inner;
  }

  private named(text: string, target: Expression | undefined): Expression {
    const name = text.replaceAll('`', '');
    const of = target === undefined ? {} : { target };
    if (this.takes('(')) return { kind: 'call', ...of, name, args: this.args() };
    if (target === undefined && (text === 'true' || text === 'false')) {
      return { kind: 'literal', value: text === 'true' };
    }
    return { kind: 'member', ...of, name };
  }

  private args(): readonly Expression[] {
    const args: Expression[] = [];
    if (this.takes(')')) return args;
    do args.push(this.expression(0));
    while (this.takes(','));
    this.expect('symbol', ')');
    return args;
  }

  private postfix(term: Expression): Expression {
    let target = term;
    for (;;) {
      if (this.takes('.')) {
        const { kind, text } = this.next();
        if (kind !== 'name' && kind !== 'quoted') throw new Unsupported(`'${text}'`);
        target = this.named(text, target);
      } else if (this.takes('[')) {
        const index = this.expression(0);
        this.expect('symbol', ']');
        target = { kind: 'index', target, index };
      } else return target;
    }
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f' };

function unescaped(text: string): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|.)/g, (_match, sequence: string) =>
    sequence.length > 1
      ? String.fromCharCode(Number.parseInt(sequence.slice(1), 16))
      : (ESCAPES[sequence] ?? sequence),
  );
}
