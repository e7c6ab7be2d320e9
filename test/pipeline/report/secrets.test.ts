import assert from 'node:assert/strict';
import { isSecretFile, showsSecret } from '../../../pipeline/report/secrets.js';

describe('isSecretFile', () => {
  const cases: readonly (readonly [string, number, string, boolean])[] = [
    ['/etc/shadow', 0o644, '', true],
    ['/etc/gshadow-', 0o644, '', true],
    ['/etc/passwd', 0o644, '', true],
    ['/etc/passwd.d', 0o644, '', true],
    ['/etc/passwdqc.conf', 0o644, '', false],
    ['/etc/ssh/ssh_host_rsa_key', 0o644, '', true],
    ['/etc/ssh/ssh_host_rsa_key.pub', 0o644, '', false],
    ['/home/a/.ssh/config', 0o644, '', true],
    ['/etc/ppp/chap-secrets', 0o644, '', true],
    ['/etc/openvpn/auth.txt', 0o644, '', true],
    ['/etc/openvpn/client.conf', 0o644, 'remote vpn.example.com\n', false],
    ['/etc/wireguard/wg0.conf', 0o644, '', true],
    ['/etc/systemd/network/wg0.netdev', 0o644, '[WireGuard]\nPrivateKeyFile=/x\n', true],
    ['/etc/default/openvpn', 0o644, 'AUTOSTART="all"\n', false],
    ['/etc/default/openvpn', 0o640, 'AUTOSTART="all"\n', true],
    ['/etc/init.d/nova-agent', 0o700, '#!/bin/sh\n', false],
    ['/etc/x', 0o644, '-----BEGIN OPENSSH PRIVATE KEY-----\n', true],
    ['/etc/x', 0o644, '-----BEGIN OpenVPN Static key V1-----\n', true],
    ['/etc/cloud/cloud.cfg.d/x.cfg', 0o644, 'chpasswd:\n  list: |\n    root:hunter2\n', true],
    ['/etc/cloud/cloud.cfg', 0o644, 'cloud_config_modules:\n - set-passwords\n', false],
    ['/etc/x', 0o644, '-----BEGIN CERTIFICATE-----\n', false],
  ];
  for (const [path, mode, content, secret] of cases) {
    it(`${secret ? 'hides' : 'shows'} ${path}, mode ${mode.toString(8)}, ${JSON.stringify(content)}`, () => {
      assert.equal(isSecretFile(path, [mode], [content]), secret);
    });
  }

  it('heeds every mode and every content of a change', () => {
    assert.equal(isSecretFile('/x', [0o644, 0o600], ['a', 'b']), true);
    assert.equal(isSecretFile('/x', [0o644], ['a', '-----BEGIN PRIVATE KEY-----']), true);
    assert.equal(isSecretFile('/x', [], []), false);
  });
});

describe('showsSecret', () => {
  const secrets = [
    '+password=hunter2',
    ' passwd: "hunter2"',
    '-wpa-psk = 0123',
    '+api_key: abc',
    '+  Private-Key=abc',
    'lock_passwd: false, passwd: hunter2',
    '+root:$6$saltsalt$hashhashhash:1',
    '+hash: $y$j9T$saltsalt$hash',
    'curl "https://x/?token=abc"',
  ];
  const harmless = [
    ' lock_passwd: True',
    ' sudo: ["ALL=(ALL) NOPASSWD:ALL"]',
    '+passwd:  files sss',
    ' passwd=$(getent passwd "$user")',
    ' LoadCredential=passwd.shell.root',
    ' PassCredentials=yes',
    '+# Provides: xe-linux-distribution',
    ' password:',
    '+AUTOSTART="none"',
    ' exec --prefix $1$2',
    '+datasource_list: [ ConfigDrive, None ]',
  ];
  for (const line of secrets) {
    it(`sees the secret in ${line}`, () => {
      assert.equal(showsSecret(` context\n${line}\n`), true);
    });
  }
  for (const line of harmless) {
    it(`sees none in ${line}`, () => {
      assert.equal(showsSecret(` context\n${line}\n`), false);
    });
  }
});
