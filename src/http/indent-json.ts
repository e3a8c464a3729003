// `_pretty=true` (http://hl7.org/fhir/R4/http.html#parameters): white space for human readers,
// put in between the tokens so that numbers keep their digits and members their order.

const STRING_OR_MARK = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g;

const INDENT = '  ';

/** A JSON text, indented by two spaces; everything but white space stays as it is. */
export function indentJson(text: string): string {
  const tokens = text.match(STRING_OR_MARK) ?? [];
  let depth = 0;
  let result = '';
  tokens.forEach((token, index) => {
    const isClosing = token === '}' || token === ']';
    if (isClosing) depth -= 1;
    const previous = tokens[index - 1];
    const wasOpening = previous === '{' || previous === '[';
    if (wasOpening !== isClosing || previous === ',') result += `\n${INDENT.repeat(depth)}`;
    result += token === ':' ? ': ' : token;
    if (token === '{' || token === '[') depth += 1;
  });
  return `${result}\n`;
}
