import assert from 'node:assert/strict';
import type { CheckResult } from '../../../../checks/lib/result.js';
import type { VpnRecord } from '../../../../images/guest/vpn/record.js';
import { statusOf, statusText } from '../../../../pipeline/cli/commands/snapshot-status.js';
import type { Report } from '../../../../pipeline/report/report.js';
import { failingReport, goldenReport, incompleteReport } from '../../report/samples.js';

const vpn: CheckResult = {
  id: 'vpn-autostart',
  title: 'a VPN starts at boot',
  outcome: 'fail',
  severity: 'warning',
  findings: [
    {
      messageId: 'starts',
      message: 'openvpn \u001b[31ma starts at boot',
      severity: 'warning',
      path: '/etc/default/openvpn',
      line: 3,
      fingerprint: '0123456789abcdef',
      data: {},
    },
  ],
};
const withVpn: Report = { ...goldenReport(), results: [vpn] };
const record: VpnRecord = {
  format: 1,
  about: '',
  since: '2026-01-15',
  entries: [{ path: '/etc/a', was: { type: 'absent' }, now: { type: 'directory' } }],
};
const nothing = { format: 1, stopped: [] } as const;
const service = { by: 'systemctl', id: 'a.service' } as const;
const office = { by: 'nmcli', id: '0-1', name: 'office' } as const;
const moment = '2026-01-15T10:00:00.000Z';

describe('the status of a snapshot', () => {
  it('is ready only where no VPN starts at boot, whatever the threshold', () => {
    const ready = statusOf(goldenReport(), undefined, nothing);
    assert.deepEqual([ready.state, ready.ready, ready.failing], ['ready', true, []]);
    const vpnStarts = statusOf(withVpn, undefined, nothing);
    assert.deepEqual(
      [vpnStarts.state, vpnStarts.ready, vpnStarts.failing],
      ['nothing-recorded', false, ['vpn-autostart']],
    );
    assert.deepEqual(vpnStarts.startAtBoot, [
      { message: vpn.findings[0]!.message, path: '/etc/default/openvpn', line: 3 },
    ]);
  });

  it('is not ready where something fails, or could not be judged', () => {
    for (const report of [failingReport(), incompleteReport()]) {
      const { ready, failing, verdict } = statusOf(report, undefined, nothing);
      assert.equal(ready, false);
      assert.equal(verdict, report.verdict);
      assert.ok(failing.length > 0);
      const wrong = report.results.filter(({ outcome }) => outcome === 'fail' || outcome === 'error');
      assert.ok(failing.every((id) => wrong.some((result) => result.id === id)));
    }
  });

  it('is prepared as long as something is recorded or stopped; the moment is that of this host, else the day', () => {
    assert.equal(statusOf(goldenReport(), record, nothing).since, '2026-01-15');
    const here = statusOf(goldenReport(), record, { ...nothing, prepared: moment });
    assert.deepEqual([here.state, here.since, here.recorded], ['prepared', moment, ['/etc/a']]);
    const stopped = statusOf(withVpn, undefined, { format: 1, prepared: moment, stopped: [office] });
    assert.deepEqual([stopped.state, stopped.stopped], ['prepared', [office]]);
    // Taken back by undo: the host remembers, but nothing is recorded any more.
    assert.equal(statusOf(withVpn, undefined, { ...nothing, prepared: moment }).since, undefined);
  });

  it('is restored once it was, unless there is nothing to prepare for', () => {
    const restored = { ...nothing, restored: moment };
    assert.equal(statusOf(withVpn, undefined, restored).state, 'restored');
    assert.equal(statusOf(goldenReport(), undefined, restored).state, 'ready');
    assert.equal(statusOf(withVpn, record, restored).state, 'prepared');
  });

  it('is put in words, with the next command, and without the image’s escape sequences', () => {
    const report = { ...withVpn, image: { ...withVpn.image, kind: 'directory' as const, source: '/mnt/x' } };
    const unprepared = statusText(statusOf(report, undefined, nothing), report);
    assert.match(unprepared, /^not prepared; nothing is recorded\n/);
    assert.match(unprepared, /\/etc\/default\/openvpn:3: openvpn .*starts at boot/);
    assert.ok(!unprepared.includes('\u001b'));
    assert.match(unprepared, / {2}hallmark snapshot prepare --root \/mnt\/x\n$/);
    const host = { ...goldenReport(), image: { ...report.image, kind: 'host' as const, source: '/' } };
    const prepared = statusText(
      statusOf(host, record, { format: 1, prepared: moment, stopped: [service, office] }),
      host,
    );
    assert.match(prepared, /^prepared since 2026-01-15T10/);
    assert.match(prepared, /stopped:\n {2}a\.service\n {2}office \(NetworkManager\)\n/);
    assert.match(prepared, /can be taken now\.\n[^]* {2}hallmark snapshot restore\n$/);
  });
});
