// Judges Narrative.div: XHTML with basic formatting alone, nothing active, and something to read
// (http://hl7.org/fhir/R4/narrative.html, constraints txt-1 and txt-2).

const NAMESPACE = 'http://www.w3.org/1999/xhtml';

/** HTML 4.0 chapters 7 to 11 (without section 4 of 9) and 15, links and images. */
const ELEMENTS = new Set(
  (
    'a abbr acronym address area b bdo big blockquote br caption cite code col colgroup dd dfn ' +
    'div dl dt em h1 h2 h3 h4 h5 h6 hr i img kbd li map ol p pre q samp small span strong sub ' +
    'sup table tbody td tfoot th thead tr tt ul var'
  ).split(' '),
);

const ATTRIBUTES = new Set(
  (
    'abbr accesskey align alt axis bgcolor border cellpadding cellspacing char charoff charset ' +
    'cite class clear colspan compact coords dir frame headers height href hreflang hspace id ' +
    'ismap lang longdesc name nohref noshade nowrap rel rev rowspan rules scope shape size span ' +
    'src start style summary tabindex title type usemap valign value vspace width xml:lang ' +
    'xml:space xmlns'
  ).split(' '),
);

const LINKS = new Set(['href', 'src', 'cite', 'longdesc', 'usemap']);
/** What a link may begin with, when it begins with a scheme. */
const SCHEMES = /^(?:https?|mailto|tel|ftp|urn):/i;
const IMAGE_DATA = /^data:image\/(?:png|jpeg|gif|webp|bmp);/i;
const ANY_SCHEME = /^[^/?#]*:/;
const ACTIVE_STYLE = /url\s*\(|expression\s*\(|script\s*:|@import|binding|behaviou?r\s*:|\\/i;

const TAG = /<(\/?)([A-Za-z][\w:.-]*)/y;
const ATTRIBUTE = /\s+([A-Za-z_][\w:.-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const TAG_END = /\s*(\/?)>/y;
/** XML knows no other names, so that HTML's (`&nbsp;`) are not to be used. */
const BARE_AMPERSAND = /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9A-Fa-f]+);)/;
/** White space of XML, and the blanks that entities stand for. */
const BLANK = /(?:\s|&#160;|&#xA0;)*/giy;
const COMMENT_START = '<!--';
const COMMENT_END = '-->';

interface Reading {
  readonly text: string;
  position: number;
  readonly open: string[];
  /** Whether something to read was met: text or an image. */
  content: boolean;
}

/**
 * What is wrong with a narrative's `div`, to be read after the element's name; undefined when it
 * is in order.
 */
export function narrativeFault(div: string): string | undefined {
  const reading: Reading = { text: div.trim(), position: 0, open: [], content: false };
  if (!/^<div[\s>/]/.test(reading.text)) return 'must be one <div> element of XHTML';
  do {
    const fault = step(reading);
    if (fault !== undefined) return fault;
    if (reading.open.length === 0 && reading.position < reading.text.length) {
      return 'has something after its <div> element';
    }
  } while (reading.position < reading.text.length);
  const unclosed = reading.open.at(-1);
  if (unclosed !== undefined) return `is not well formed: <${unclosed}> is not closed`;
  return reading.content ? undefined : 'has no content to read (txt-2)';
}

function step(reading: Reading): string | undefined {
  const { text, position } = reading;
  if (text.startsWith(COMMENT_START, position)) return comment(reading);
  if (text.charAt(position) === '<') return tag(reading);
  const next = text.indexOf('<', position);
  const end = next < 0 ? text.length : next;
  const run = text.slice(position, end);
  reading.position = end;
  BLANK.lastIndex = 0;
  BLANK.test(run);
  if (BLANK.lastIndex < run.length) reading.content = true;
  return BARE_AMPERSAND.test(run) ? 'is not well formed: & is no entity of XML' : undefined;
}

function comment(reading: Reading): string | undefined {
  const end = reading.text.indexOf(COMMENT_END, reading.position + COMMENT_START.length);
  if (end < 0) return 'is not well formed: a comment is not closed';
  reading.position = end + COMMENT_END.length;
  return undefined;
}

function tag(reading: Reading): string | undefined {
  const start = match(TAG, reading);
  if (start === null) return 'is not well formed: < stands alone';
  const [, slash, name = ''] = start;
  if (!ELEMENTS.has(name)) return `contains <${name}>, which a narrative may not have (txt-1)`;
  const fault = slash === '/' ? undefined : attributes(reading, name);
  if (fault !== undefined) return fault;
  const end = match(TAG_END, reading);
  if (end === null) return `is not well formed: <${name}> is broken`;
  if (slash === '/') {
    const opened = reading.open.pop();
    return opened === name ? undefined : `is not well formed: </${name}> closes nothing`;
  }
  if (end[1] !== '/') reading.open.push(name);
  if (name === 'img') reading.content = true;
  return undefined;
}

function attributes(reading: Reading, element: string): string | undefined {
  const isRoot = reading.open.length === 0;
  const names = new Set<string>();
  for (let found = match(ATTRIBUTE, reading); found; found = match(ATTRIBUTE, reading)) {
    const [, name = '', quoted, single] = found;
    const value = quoted ?? single ?? '';
    if (names.has(name)) return `is not well formed: <${element}> repeats the attribute ${name}`;
    names.add(name);
    const fault = attributeFault(name, value);
    if (fault !== undefined) return `has <${element}> with ${fault}`;
  }
  const unnamed = isRoot && !names.has('xmlns');
  return unnamed ? `must name its namespace: <div xmlns="${NAMESPACE}">` : undefined;
}

function attributeFault(name: string, value: string): string | undefined {
  if (!ATTRIBUTES.has(name)) return `the attribute ${name}, which a narrative may not have (txt-1)`;
  if (BARE_AMPERSAND.test(value)) return `a bare & in its attribute ${name}`;
  if (name === 'xmlns' && value !== NAMESPACE) return 'a namespace that is not XHTML';
  if (name === 'style' && ACTIVE_STYLE.test(value)) return 'a style that loads or runs something';
  if (LINKS.has(name) && !isHarmlessLink(value)) return `a ${name} that may run something`;
  return undefined;
}

/** Whether the link is relative or of a scheme that runs nothing. A scheme hidden behind entities
 * or white space is not one of those. */
function isHarmlessLink(link: string): boolean {
  const decoded = link.replaceAll('&amp;', '+').trim();
  const beforePath = /^[^/?#]*/.exec(decoded)?.[0] ?? '';
  if (beforePath.includes('&')) return false;
  return !ANY_SCHEME.test(decoded) || SCHEMES.test(decoded) || IMAGE_DATA.test(decoded);
}

function match(pattern: RegExp, reading: Reading): RegExpExecArray | null {
  pattern.lastIndex = reading.position;
  const found = pattern.exec(reading.text);
  if (found !== null) reading.position = pattern.lastIndex;
  return found;
}
