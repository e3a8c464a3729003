// Narratives with formatting pass; whatever runs, loads or is not well formed does not.

import assert from 'node:assert/strict';

import { narrativeFault } from '../../../src/validation/narrative.ts';

const ROOT = '<div xmlns="http://www.w3.org/1999/xhtml"';
const inside = (content: string) => `${ROOT}>${content}</div>`;

const accepted: readonly (readonly [name: string, div: string])[] = [
  ['text', inside('A')],
  ['white space around the div', `\n${inside('A')}\n`],
  ['formatting', inside('<h1>A</h1><p class="x">B<br/>C <b><i>D</i></b></p><hr />')],
  ['a table', inside('<table border="1"><tbody><tr><td colspan="2">A</td></tr></tbody></table>')],
  ['an image alone', inside('<img src="data:image/png;base64,AAAA" alt="A"/>')],
  ['links', inside('<a href="https://ims.test/a?b=1&amp;c=2">A</a><a href="Patient/1">B</a>')],
  ['local links', inside('<a name="here">A</a><a href="#here">B</a>')],
  ['entities and character references', inside('&lt;&#169;&#xA9;&#160;A')],
  ['comments', inside('<!-- <script> is only named --> A')],
  ['single quotes and blanks around =', inside("<p title = 'it'>A</p>")],
  ['plain styles', inside('<p style="color: red; font-weight: bold">A</p>')],
];

const refused: readonly (readonly [name: string, div: string, reason: RegExp])[] = [
  ['plain text', 'A', /one <div>/],
  ['another root', '<p>A</p>', /one <div>/],
  ['a root that begins like div', '<divx>A</divx>', /one <div>/],
  ['no namespace', '<div>A</div>', /namespace/],
  ['another namespace', '<div xmlns="http://www.w3.org/2000/svg">A</div>', /not XHTML/],
  ['two roots', inside('A') + inside('B'), /after its <div>/],
  ['text after the root', `${inside('A')}B`, /after its <div>/],
  ['script', inside('A<script>alert(1)</script>'), /<script>/],
  ['script in upper case', inside('A<SCRIPT>alert(1)</SCRIPT>'), /<SCRIPT>/],
  ['an iframe', inside('A<iframe src="https://ims.test"></iframe>'), /<iframe>/],
  ['an svg', inside('A<svg><g/></svg>'), /<svg>/],
  ['a form', inside('A<form><input/></form>'), /<form>/],
  ['a style sheet', inside('A<style>p {}</style>'), /<style>/],
  ['an event handler', inside('<p onclick="alert(1)">A</p>'), /attribute onclick/],
  ['a javascript link', inside('<a href="javascript:alert(1)">A</a>'), /may run/],
  ['one in mixed case', inside('<a href="jAvaScript:alert(1)">A</a>'), /may run/],
  ['one behind blanks', inside('<a href=" java\tscript:alert(1)">A</a>'), /may run/],
  ['one behind a number', inside('<a href="java&#115;cript:alert(1)">A</a>'), /may run/],
  ['one behind an entity', inside('<a href="javascript&colon;alert(1)">A</a>'), /bare &/],
  ["an entity of HTML's", inside('A&nbsp;B'), /no entity of XML/],
  ['a data link', inside('<a href="data:text/html,A">A</a>'), /may run/],
  ['an image of markup', inside('<img src="data:image/svg+xml,A"/>'), /may run/],
  ['a style that loads', inside('<p style="background: url(x)">A</p>'), /style/],
  ['an element that is not closed', inside('<p>A'), /closes nothing/],
  ['a root that is not closed', `${ROOT}>A`, /not closed/],
  ['elements that overlap', inside('<b><i>A</b></i>'), /closes nothing/],
  ['an attribute without quotes', inside('<p class=x>A</p>'), /broken/],
  ['a repeated attribute', inside('<p class="x" class="y">A</p>'), /repeats/],
  ['a comment that is not closed', `${ROOT}>A<!-- B</div>`, /comment/],
  ['a bare &', inside('A & B'), /no entity of XML/],
  ['a bare <', inside('A < B'), /stands alone/],
  ['CDATA', inside('<![CDATA[A]]>'), /stands alone/],
  ['a document type', `<!DOCTYPE html>${inside('A')}`, /one <div>/],
  ['nothing to read', inside(' &#160; <p> </p>'), /txt-2/],
  ['an empty element', `${ROOT}/>`, /txt-2/],
];

describe('a narrative', () => {
  for (const [name, div] of accepted) {
    it(`may have ${name}`, () => assert.equal(narrativeFault(div), undefined));
  }
  for (const [name, div, reason] of refused) {
    it(`may not have ${name}`, () => assert.match(narrativeFault(div) ?? '', reason));
  }

  it('is judged in time that grows with its length alone', () => {
    const length = 500_000;
    const hostile = [
      `${ROOT} ${' '.repeat(length)}x`,
      inside('<b>'.repeat(length / 5)),
      inside('<!--'.repeat(length / 5)),
      inside(`<p title="${'a '.repeat(length / 2)}`),
    ];
    for (const div of hostile) assert.notEqual(narrativeFault(div), undefined);
  }).timeout(2_000);
});
