import type { Os } from '../../images/guest/os.js';
import { majorOf } from './versions.js';

/**
 * The last day of free security updates, by os-release ID and release: Debian with its LTS, Ubuntu's standard
 * support (the servers' where it differed), Red Hat's maintenance support, the general support of the others. Paid
 * extensions do not count, since an image cannot show that somebody paid.
 *
 * Debian and Ubuntu: distro-info-data (debian.csv, eol-lts; ubuntu.csv, eol-server, else eol), which the end-to-end tests hold
 * this table against, every date. The others: endoflife.date, as of late 2025, which names each distribution's own
 * page; where that gives only a month, its last day. From memory of those pages, and unchecked: RHEL 10 and Rocky 10
 * (ten years from their release), Oracle Linux 5, SLES 15.6 and later.
 */
const ends: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  debian: {
    '4': '2010-02-15',
    '5': '2012-02-06',
    '6': '2016-02-29',
    '7': '2018-05-31',
    '8': '2020-06-30',
    '9': '2022-06-30',
    '10': '2024-06-30',
    '11': '2026-08-31',
    '12': '2028-06-30',
    '13': '2030-06-30',
  },
  ubuntu: {
    '8.04': '2013-05-09',
    '8.10': '2010-04-30',
    '9.04': '2010-10-23',
    '9.10': '2011-04-30',
    '10.04': '2015-04-30',
    '10.10': '2012-04-10',
    '11.04': '2012-10-28',
    '11.10': '2013-05-09',
    '12.04': '2017-04-28',
    '12.10': '2014-05-16',
    '13.04': '2014-01-27',
    '13.10': '2014-07-17',
    '14.04': '2019-04-25',
    '14.10': '2015-07-23',
    '15.04': '2016-02-04',
    '15.10': '2016-07-28',
    '16.04': '2021-04-30',
    '16.10': '2017-07-20',
    '17.04': '2018-01-13',
    '17.10': '2018-07-19',
    '18.04': '2023-05-31',
    '18.10': '2019-07-18',
    '19.04': '2020-01-23',
    '19.10': '2020-07-17',
    '20.04': '2025-05-29',
    '20.10': '2021-07-22',
    '21.04': '2022-01-20',
    '21.10': '2022-07-14',
    '22.04': '2027-06-01',
    '22.10': '2023-07-20',
    '23.04': '2024-01-25',
    '23.10': '2024-07-11',
    '24.04': '2029-05-31',
    '24.10': '2025-07-10',
    '25.04': '2026-01-15',
    '25.10': '2026-07-09',
    '26.04': '2031-05-29',
  },
  rhel: {
    '4': '2012-02-29',
    '5': '2017-03-31',
    '6': '2020-11-30',
    '7': '2024-06-30',
    '8': '2029-05-31',
    '9': '2032-05-31',
    '10': '2035-05-31',
  },
  // 8 is the later of CentOS Linux (2021-12-31) and Stream (2024-05-31); from 9 on there is only Stream.
  centos: {
    '5': '2017-03-31',
    '6': '2020-11-30',
    '7': '2024-06-30',
    '8': '2024-05-31',
    '9': '2027-05-31',
    '10': '2030-01-01',
  },
  almalinux: { '8': '2029-03-01', '9': '2032-05-31', '10': '2035-05-31' },
  rocky: { '8': '2029-05-31', '9': '2032-05-31', '10': '2035-05-31' },
  fedora: {
    '17': '2013-07-30',
    '18': '2014-01-14',
    '19': '2015-01-06',
    '20': '2015-06-23',
    '21': '2015-12-01',
    '22': '2016-07-19',
    '23': '2016-12-20',
    '24': '2017-08-08',
    '25': '2017-12-12',
    '26': '2018-05-29',
    '27': '2018-11-30',
    '28': '2019-05-28',
    '29': '2019-11-26',
    '30': '2020-05-26',
    '31': '2020-11-24',
    '32': '2021-05-25',
    '33': '2021-11-30',
    '34': '2022-06-07',
    '35': '2022-12-13',
    '36': '2023-05-16',
    '37': '2023-12-05',
    '38': '2024-05-21',
    '39': '2024-11-26',
    '40': '2025-05-13',
    '41': '2025-12-15',
    '42': '2026-05-13',
    '43': '2026-12-09',
  },
  ol: { '5': '2017-06-30', '6': '2021-03-31', '7': '2024-12-31', '8': '2029-07-31', '9': '2032-06-30' },
  // Until 42.3 the ID was "opensuse".
  opensuse: {
    '11.4': '2012-11-05',
    '12.1': '2013-05-15',
    '12.2': '2014-01-15',
    '12.3': '2015-01-29',
    '13.1': '2016-02-03',
    '13.2': '2017-01-17',
    '42.1': '2017-05-17',
    '42.2': '2018-01-26',
    '42.3': '2019-07-01',
  },
  'opensuse-leap': {
    '15.0': '2019-12-03',
    '15.1': '2021-02-02',
    '15.2': '2022-01-04',
    '15.3': '2022-12-31',
    '15.4': '2023-12-07',
    '15.5': '2024-12-31',
    '15.6': '2026-04-30',
    '16.0': '2027-10-31',
  },
  // Each service pack has an end of its own; the bare number stands for the last one.
  sles: {
    '11.1': '2012-08-31',
    '11.2': '2014-01-31',
    '11.3': '2016-01-31',
    '11': '2019-03-31',
    '12.1': '2017-05-31',
    '12.2': '2018-03-31',
    '12.3': '2019-06-30',
    '12.4': '2020-06-30',
    '12': '2024-10-31',
    '15.1': '2021-01-31',
    '15.2': '2021-12-31',
    '15.3': '2022-12-31',
    '15.4': '2023-12-31',
    '15.5': '2024-12-31',
    '15.6': '2025-12-31',
    '15': '2031-07-31',
  },
};

/**
 * The day after which an operating system got no more free security updates.
 * @returns undefined when the table does not know the release, or the system has none (a rolling one)
 */
export function endOfLife({ id, version }: Os): string | undefined {
  if (version === undefined) return undefined;
  const releases = ends[id] ?? {};
  const minor = /^\d{1,9}\.\d{1,9}/.exec(version)?.[0];
  return (minor === undefined ? undefined : releases[minor]) ?? releases[String(majorOf(version))];
}

/** The distributions that the 1.x agent can configure, by os-release ID; others get "Couldn't figure out my OS". */
const known1x = /^(?:debian|ubuntu|rhel|centos|fedora|ol|arch|opensuse.*|sles|suse|gentoo|freebsd)$/;

/**
 * Whether a generation of the agent can configure this operating system. 2.x looks for the release files of Alpine,
 * CentOS, Fedora, Red Hat and Debian, which their rebuilds have as well; 1.x goes by the distribution's name.
 */
export function serves(generation: 1 | 2, { family, id }: Os): boolean {
  return generation === 1
    ? known1x.test(id)
    : family === 'debian' || family === 'redhat' || family === 'alpine';
}
