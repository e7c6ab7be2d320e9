import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  KeyExchange,
  encryptPassword,
  isPublicKey,
} from '../../../../pipeline/rehearse/nova/key-exchange.js';
import { Secret, makePassword } from '../../../../pipeline/rehearse/nova/secret.js';
import { inspect } from 'node:util';

const prime = 162259276829213363391578010288127n;

describe('key exchange', () => {
  it('gives both sides the same number', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 2n, max: 2n ** 600n }), fc.bigInt({ min: 2n, max: 2n ** 80n }), (a, b) => {
        const [guest, host] = [new KeyExchange(a), new KeyExchange(b)];
        fc.pre(isPublicKey(guest.publicKey) && isPublicKey(host.publicKey));
        assert.equal(guest.sharedWith(host.publicKey), host.sharedWith(guest.publicKey));
      }),
    );
  });

  it('is by the prime and the base that all agents have', () => {
    assert.equal(new KeyExchange(1n).publicKey, '5');
    assert.equal(new KeyExchange(46n).publicKey, String(5n ** 46n % prime));
    assert.equal(new KeyExchange(prime - 1n).publicKey, '1'); // Fermat
    assert.notEqual(new KeyExchange().publicKey, new KeyExchange().publicKey);
  });

  for (const key of [
    '',
    '0',
    '1',
    String(prime - 1n),
    String(prime),
    '-5',
    '5.0',
    '0x5',
    '05',
    '5\n',
    ' 5',
    '9'.repeat(40),
  ]) {
    it(`refuses the key ${JSON.stringify(key)}`, () => {
      assert.equal(isPublicKey(key), false);
      assert.throws(() => new KeyExchange().sharedWith(key), RangeError);
    });
  }
});

describe('password encryption', () => {
  // What `printf 'correct horse\n' | openssl enc -aes-128-cbc -A -a -nosalt -md md5 -pass pass:SHARED` prints.
  const printed: [string, string][] = [
    ['1', 'Zrro0rUJSYBM5RiGn+GY9Q=='],
    ['42', 'Hl1wtkBk6QGNrFvalI1+ew=='],
    ['162259276829213363391578010288126', 'Pb09NYwKIV6BQBILUTKxLg=='],
  ];
  for (const [shared, expected] of printed) {
    it(`is OpenSSL's, with ${shared}`, () => {
      assert.equal(encryptPassword('correct horse', shared), expected);
    });
  }
});

describe('secret', () => {
  it('is not shown by accident', () => {
    const secret = new Secret('hunter2hunter2');
    const shown = [
      String(secret),
      JSON.stringify({ secret }),
      inspect({ secret }, { showHidden: true, depth: 9 }),
    ];
    for (const text of shown) assert.doesNotMatch(text, /hunter2/);
    assert.equal(
      secret.hideIn('passwd: hunter2hunter2 is bad; hunter2hunter2'),
      'passwd: [secret] is bad; [secret]',
    );
    assert.equal(secret.reveal(), 'hunter2hunter2');
  });

  it('has a character of each class, and is another each time', () => {
    const made = Array.from({ length: 200 }, () => makePassword().reveal());
    for (const password of made) assert.match(password, /^(?=.*\d)(?=.*[A-Z])(?=.*[a-z])[0-9A-Za-z]{16}$/);
    assert.equal(new Set(made).size, made.length);
  });
});
