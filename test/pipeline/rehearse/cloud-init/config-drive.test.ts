import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import {
  type ConfigDrive,
  makeConfigDrive,
  writeConfigDrive,
} from '../../../../pipeline/rehearse/cloud-init/config-drive.js';
import { readScenario } from '../../../../pipeline/rehearse/scenario-file.js';
import type { Scenario } from '../../../../pipeline/rehearse/scenario.js';
import { scratch } from '../../../support/scratch.js';

const meta = ({ files }: ConfigDrive): Record<string, unknown> =>
  JSON.parse(files['openstack/latest/meta_data.json'] ?? '') as Record<string, unknown>;

describe('config drive', () => {
  let scenario: Scenario;
  before(async () => {
    scenario = await readScenario();
  });

  it('names the server and its key as the metadata of nova does', async () => {
    const drive = await makeConfigDrive(scenario);
    const { uuid, hostname, public_keys, keys, meta: user, random_seed } = meta(drive);
    assert.equal(uuid, drive.uuid);
    assert.equal(hostname, scenario.hostName);
    assert.deepEqual(public_keys, { rehearsal: drive.publicKey });
    assert.deepEqual(keys, [{ name: 'rehearsal', type: 'ssh', data: drive.publicKey }]);
    assert.deepEqual(user, scenario.userMetadata);
    assert.equal(Buffer.from(String(random_seed), 'base64').length, 512);
  });

  it('is of another server each time', async () => {
    const [one, other] = [await makeConfigDrive(scenario), await makeConfigDrive(scenario)];
    for (const key of ['uuid', 'publicKey'] as const) assert.notEqual(one[key], other[key]);
    assert.notEqual(one.written.contents, other.written.contents);
  });

  it('holds the files that are injected, the last of each path', async () => {
    const injectfile = (path: string, contents: string) => ({ injectfile: { path, contents, mode: '0600' } });
    const rounds = [
      { name: 'a', send: ['version' as const, injectfile('/etc/a', 'first'), injectfile('/etc/b', 'b')] },
      { name: 'b', send: [injectfile('/etc/a', 'second')] },
    ];
    const drive = await makeConfigDrive({ ...scenario, rounds });
    const files = meta(drive)['files'] as { path: string; content_path: string }[];
    const found = files.map(({ path, content_path }) => [path, drive.files[`openstack${content_path}`]]);
    assert.deepEqual(found, [
      ['/etc/a', 'second'],
      ['/etc/b', 'b'],
    ]);
    assert.ok(drive.injected.every(({ mode }) => mode === undefined));
  });

  it('has user data that YAML reads, and that says what is judged', async () => {
    const { files, written, commanded } = await makeConfigDrive(scenario);
    const text = files['openstack/latest/user_data'] ?? '';
    assert.match(text, /^#cloud-config\n/);
    const { write_files, runcmd } = parse(text) as { write_files: unknown; runcmd: string[][] };
    assert.deepEqual(write_files, [{ path: written.path, content: written.contents, permissions: '0644' }]);
    assert.equal(runcmd[0]?.[2], `echo ${commanded.contents.trim()} >${commanded.path}`);
  });

  it('has a key that is one: its number is the one that is in it', async () => {
    const { publicKey } = await makeConfigDrive(scenario);
    const [type, base64 = ''] = publicKey.split(' ');
    assert.equal(type, 'ssh-rsa');
    const fields = fieldsOf(Buffer.from(base64, 'base64'));
    assert.deepEqual(
      fields.map(({ length }) => length),
      [7, 3, 257],
    );
    const [, e, n] = fields.map((field) => field.toString('base64url'));
    const key = createPublicKey({ format: 'jwk', key: { kty: 'RSA', e: e ?? '', n: n ?? '' } });
    assert.equal(key.asymmetricKeyDetails?.modulusLength, 2048);
  });

  it('is written for everybody to read, whatever the umask', async () => {
    using place = scratch();
    const before = process.umask(0o077);
    const drive = await makeConfigDrive(scenario);
    const folder = join(place.path, 'drive');
    writeConfigDrive(folder, drive);
    process.umask(before);
    for (const [path, text] of Object.entries(drive.files)) {
      assert.equal(readFileSync(join(folder, path), 'utf8'), text);
      assert.equal(statSync(join(folder, path)).mode & 0o777, 0o444);
    }
    for (const path of ['', 'openstack', 'openstack/latest', 'openstack/content']) {
      assert.equal(statSync(join(folder, path)).mode & 0o777, 0o555);
      chmodSync(join(folder, path), 0o755); // so that anybody can remove it
    }
  });
});

/** RFC 4251 §5: each with its length before it. */
function fieldsOf(blob: Buffer): Buffer[] {
  const fields: Buffer[] = [];
  for (let at = 0; at < blob.length;) {
    const length = blob.readUInt32BE(at);
    fields.push(blob.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return fields;
}
