import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  entitiesFor,
  markdown,
  markdownBlock,
  markdownCellCode,
  markdownCode,
  markdownRule,
  shell,
  spans,
} from '../../../pipeline/report/escape.js';
import { visible, visibleLines } from '../../../images/base/visible.js';
import { Markup, markup } from '../../../pipeline/report/markup.js';
import { hostile } from './samples.js';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 })
    .map((units) => String.fromCharCode(...units)),
  fc.constantFrom(...hostile),
);

/** Everything that a terminal obeys or a reader cannot see, spelled out apart from the code under test. */
const unseen =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

describe('visible', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['/etc/naïve file', '/etc/naïve file'],
    ['日本語 😀', '日本語 😀'],
    ['\u001b[31mred', '\\x1b[31mred'],
    ['a\nb\tc\r', 'a\\nb\\tc\\r'],
    ['\u009b2J\u007f\u0000', '\\x9b2J\\x7f\\x00'],
    ['\u202egnp.exe', '\\u202egnp.exe'],
    ['caf\udce9', 'caf\\xe9'],
    ['\ud800x', '\\ud800x'],
    ['\u{e0041}', '\\u{e0041}'],
    ['system\\x2dgetty', 'system\\x2dgetty'],
  ];
  for (const [text, expected] of cases) {
    it(`shows ${JSON.stringify(text)} as ${expected}`, () => {
      assert.equal(visible(text), expected);
    });
  }

  it('leaves nothing unseen in any string, and changes nothing the second time', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        assert.doesNotMatch(visible(text), unseen);
        assert.equal(visible(visible(text)), visible(text));
      }),
    );
  });

  it('keeps the lines and tabs of a text, and nothing else unseen', () => {
    assert.deepEqual(visibleLines('a\tb\n\u001b\n'), ['a\tb', '\\x1b']);
    fc.assert(
      fc.property(anyText, (text) => {
        for (const line of visibleLines(text)) assert.doesNotMatch(line.replaceAll('\t', ''), unseen);
      }),
    );
  });
});

describe('markup', () => {
  it('escapes every value, joins lists and skips undefined', () => {
    const part = markup`<b>${'<&>"\''}</b>`;
    assert.equal(part.text, '<b>&lt;&amp;&gt;&quot;&#39;</b>');
    assert.equal(markup`${[part, new Markup('<br>')]}${undefined}${1}`.text, `${part.text}<br>1`);
  });

  it('lets no string leave an element or an attribute', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        assert.doesNotMatch(entitiesFor(text), /[<>"']|&(?!amp;|lt;|gt;|quot;|#39;)/);
      }),
    );
  });
});

describe('markdown', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['nova-agent (1.39.0) is old!', 'nova-agent (1.39.0) is old!'],
    ['*a* _b_ `c` ~d~ $e$', '\\*a\\* \\_b\\_ \\`c\\` \\~d\\~ \\$e\\$'],
    ['[x](javascript:alert(1))', '\\[x\\](javascript:alert(1))'],
    ['<img src=x> & co', '&lt;img src=x&gt; &amp; co'],
    ['a | b', 'a \\| b'],
    ['@root fixes #12', '@&#8203;root fixes #&#8203;12'],
    ['https://evil.example www.evil.example', 'https&#58;//evil.example www&#46;evil.example'],
    ['# heading', '\\# heading'],
    ['- list', '\\- list'],
    ['1. list', '1\\. list'],
    ['a\nb', 'a\\\\nb'],
  ];
  for (const [text, expected] of cases) {
    it(`writes ${JSON.stringify(text)} as ${JSON.stringify(expected)}`, () => {
      assert.equal(markdown(text), expected);
    });
  }

  it('fences code so that it cannot get out', () => {
    assert.equal(markdownCode('/etc/x'), '`/etc/x`');
    assert.equal(markdownCode('a`b``c'), '```a`b``c```');
    assert.equal(markdownCode('`'), '`` ` ``');
    assert.equal(markdownCode('a|b'), '`a|b`');
    assert.equal(markdownCellCode('a|b'), '`a\\|b`');
    assert.equal(markdownBlock('diff', '+```\n+x\n'), '````diff\n+```\n+x\n````');
    fc.assert(
      fc.property(anyText, (text) => {
        const code = markdownCode(text);
        const fence = /^`+/.exec(code)?.[0] ?? '';
        assert.equal(code.slice(fence.length, -fence.length).split(/[^`]+/).includes(fence), false);
        assert.equal(code.includes('\n'), false);
      }),
    );
  });
});

describe('the texts of rules', () => {
  it('keep what is between backticks as code, and escape the rest', () => {
    assert.equal(markdownRule('Run `systemctl enable *` <now>.'), 'Run `systemctl enable *` &lt;now&gt;.');
    assert.equal(markdownRule('one ` alone'), 'one \\` alone');
    assert.deepEqual(
      spans(
        'a `b` c',
        (text) => text,
        (text) => `<${text}>`,
      ),
      ['a ', '<b>', ' c'],
    );
  });
});

describe('shell', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['img_config_drive=mandatory', 'img_config_drive=mandatory'],
    ['', "''"],
    ['a b', "'a b'"],
    ["it's", "'it'\\''s'"],
    ['$(reboot)', "'$(reboot)'"],
    ['a\nb', "$'a\\012b'"],
    ["\u001b'\\", "$'\\033\\'\\\\'"],
    ['caf\udce9', "$'caf\\351'"],
    ['\u202e', "$'\\342\\200\\256'"],
  ];
  for (const [word, expected] of cases) {
    it(`quotes ${JSON.stringify(word)} as ${expected}`, () => {
      assert.equal(shell(word), expected);
    });
  }
});
