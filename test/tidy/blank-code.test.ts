// The reader behind the house rules: code stays, words in comments and texts go.

import assert from 'node:assert/strict';
import { blankCode } from './blank-code.ts';

describe('blankCode', () => {
  for (const [name, text, code] of [
    ['line comments', 'a; // any\nb;', 'a;       \nb;'],
    ['block comments', 'a /* any\n any */ b', 'a       \n        b'],
    ['strings', `f('any', "a'b")`, `f('   ', "   ")`],
    ['escaped quotes', `f('a\\'any') + any`, `f('      ') + any`],
    [
      'templates but not their expressions',
      `\`any \${any} any\` + any`,
      `\`    \${any}    \` + any`,
    ],
    ['templates in templates', `\`a\${\`b\${any}c\`}d\``, `\` \${\` \${any} \`} \``],
    ['objects in templates', `\`a\${f({ any })}b\` // any`, `\` \${f({ any })} \`       `],
    ['regular expressions', 'x = /any[/"]/g + any', 'x = /       /g + any'],
    ['no divisions', 'x = any / any / any', 'x = any / any / any'],
    ['regular expressions after return', 'return /any/', 'return /   /'],
  ] as const) {
    it(`blanks ${name}`, () => {
      assert.equal(blankCode(text), code);
    });
  }

  it('refuses a text whose braces it cannot follow', () => {
    assert.throws(() => blankCode('if (a) {'), /braces/);
  });
});
