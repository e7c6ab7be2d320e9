import assert from 'node:assert/strict';
import { hashMethodOf } from '../../../../images/guest/password/hash-method.js';
import { memoryImage } from '../../../../images/image/memory.js';
import type { Files } from '../../../guests/parts.js';

const libxcrypt: Files = { '/usr/lib/x86_64-linux-gnu/libcrypt.so.1': 'ELF $1$ $5$ $6$ $y$ $2b$' };
const glibc: Files = { '/lib64/libcrypt-2.12.so': 'ELF $1$ $5$ $6$' };
const ancient: Files = { '/lib/libcrypt-2.3.6.so': 'ELF $1$' };
const pam = (method: string): Files => ({
  '/etc/pam.d/common-password': `# password sufficient pam_unix.so md5\npassword [success=1 default=ignore] pam_unix.so obscure ${method}\n`,
});
const loginDefs = (method: string): Files => ({
  '/etc/login.defs': `#ENCRYPT_METHOD MD5\nENCRYPT_METHOD ${method}\n`,
});

describe('the method of a new password', () => {
  const table: readonly (readonly [
    what: string,
    files: Files,
    method: string | undefined,
    because?: RegExp,
  ])[] = [
    [
      'PAM says yescrypt',
      { ...libxcrypt, ...pam('yescrypt'), ...loginDefs('SHA512') },
      'yescrypt',
      /common-password/,
    ],
    [
      'PAM is silent, login.defs says yescrypt',
      { ...libxcrypt, ...pam(''), ...loginDefs('YESCRYPT') },
      'yescrypt',
      /login\.defs/,
    ],
    [
      'PAM says sha512',
      { ...libxcrypt, ...pam('sha512 shadow') },
      'sha512crypt',
      /common-password says sha512/,
    ],
    ['yescrypt is configured, and the library is too old', { ...glibc, ...pam('yescrypt') }, 'sha512crypt'],
    ['a weak method is configured', { ...glibc, ...loginDefs('MD5') }, 'sha512crypt', /says md5/],
    ['nothing is configured', glibc, 'sha512crypt', /nothing is configured/],
    ['the library knows neither', { ...ancient, ...pam('md5') }, undefined],
    ['there is no library', pam('yescrypt'), undefined],
  ];
  for (const [what, files, method, because = /./] of table) {
    it(`${method ?? 'none'}: ${what}`, async () => {
      const chosen = await hashMethodOf(memoryImage(files));
      assert.equal(chosen?.method, method);
      assert.match(chosen?.because ?? 'none', because);
    });
  }
});
