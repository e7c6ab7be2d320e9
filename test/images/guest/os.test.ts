import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ImageError } from '../../../images/base/errors.js';
import { type OsFamily, os } from '../../../images/guest/os.js';
import { type MemoryNode, memoryImage } from '../../../images/image/memory.js';
import { gather } from '../../support/declared-inputs.js';

interface Case {
  readonly files: Readonly<Record<string, MemoryNode>>;
  readonly family: OsFamily;
  readonly id: string;
  readonly name: string;
  readonly version: string | undefined;
  readonly evidence: string;
}

const etc = '/etc/os-release';

/** The release files of real distributions, cut down to the lines that matter. */
const releases: Readonly<Record<string, Case>> = {
  'Debian 6': {
    files: { '/etc/debian_version': '6.0.1\n' },
    family: 'debian',
    id: 'debian',
    name: 'Debian GNU/Linux',
    version: '6.0.1',
    evidence: '/etc/debian_version',
  },
  'Debian 7': {
    files: {
      '/etc/debian_version': '7.11\n',
      [etc]:
        'PRETTY_NAME="Debian GNU/Linux 7 (wheezy)"\nNAME="Debian GNU/Linux"\nVERSION_ID="7"\nVERSION="7 (wheezy)"\nID=debian\n',
    },
    family: 'debian',
    id: 'debian',
    name: 'Debian GNU/Linux',
    version: '7.11',
    evidence: etc,
  },
  'Debian 8, whose os-release is a link': {
    files: {
      '/etc/debian_version': '8.11\n',
      [etc]: { link: '../usr/lib/os-release' },
      '/usr/lib/os-release': 'NAME="Debian GNU/Linux"\nVERSION_ID="8"\nID=debian\n',
    },
    family: 'debian',
    id: 'debian',
    name: 'Debian GNU/Linux',
    version: '8.11',
    evidence: etc,
  },
  'Debian 12': {
    files: {
      '/etc/debian_version': '12.15\n',
      '/usr/lib/os-release': 'NAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nID=debian\n',
    },
    family: 'debian',
    id: 'debian',
    name: 'Debian GNU/Linux',
    version: '12.15',
    evidence: '/usr/lib/os-release',
  },
  'Debian 13': {
    files: {
      '/etc/debian_version': '13.1\n',
      [etc]: 'NAME="Debian GNU/Linux"\nVERSION_ID="13"\nID=debian\nDEBIAN_VERSION_FULL=13.1\n',
    },
    family: 'debian',
    id: 'debian',
    name: 'Debian GNU/Linux',
    version: '13.1',
    evidence: etc,
  },
  'Debian sid': {
    files: {
      '/etc/debian_version': 'forky/sid\n',
      [etc]:
        'PRETTY_NAME="Debian GNU/Linux forky/sid"\nNAME="Debian GNU/Linux"\nVERSION_CODENAME=forky\nID=debian\n',
    },
    family: 'debian',
    id: 'debian',
    name: 'Debian GNU/Linux',
    version: undefined,
    evidence: etc,
  },
  'Debian sid before os-release': {
    files: { '/etc/debian_version': 'squeeze/sid\n' },
    family: 'debian',
    id: 'debian',
    name: 'Debian GNU/Linux',
    version: undefined,
    evidence: '/etc/debian_version',
  },
  'Ubuntu 10.04': {
    files: {
      '/etc/debian_version': 'squeeze/sid\n',
      '/etc/lsb-release':
        'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=10.04\nDISTRIB_CODENAME=lucid\nDISTRIB_DESCRIPTION="Ubuntu 10.04.4 LTS"\n',
    },
    family: 'debian',
    id: 'ubuntu',
    name: 'Ubuntu',
    version: '10.04.4',
    evidence: '/etc/lsb-release',
  },
  'Ubuntu 12.04': {
    files: {
      '/etc/debian_version': 'wheezy/sid\n',
      [etc]:
        'NAME="Ubuntu"\nVERSION="12.04.5 LTS, Precise Pangolin"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID="12.04"\n',
    },
    family: 'debian',
    id: 'ubuntu',
    name: 'Ubuntu',
    version: '12.04.5',
    evidence: etc,
  },
  'Ubuntu 24.04': {
    files: {
      '/etc/debian_version': 'trixie/sid\n',
      [etc]:
        'PRETTY_NAME="Ubuntu 24.04 LTS"\nNAME="Ubuntu"\nVERSION_ID="24.04"\nVERSION="24.04 LTS (Noble Numbat)"\nID=ubuntu\nID_LIKE=debian\n',
    },
    family: 'debian',
    id: 'ubuntu',
    name: 'Ubuntu',
    version: '24.04',
    evidence: etc,
  },
  'Linux Mint, known by what it is like': {
    files: {
      [etc]:
        'NAME="Linux Mint"\nVERSION="21.2 (Victoria)"\nID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_ID="21.2"\n',
    },
    family: 'debian',
    id: 'linuxmint',
    name: 'Linux Mint',
    version: '21.2',
    evidence: etc,
  },
  'CentOS 5': {
    files: { '/etc/redhat-release': 'CentOS release 5.11 (Final)\n' },
    family: 'redhat',
    id: 'centos',
    name: 'CentOS',
    version: '5.11',
    evidence: '/etc/redhat-release',
  },
  'CentOS 6': {
    files: {
      '/etc/centos-release': 'CentOS release 6.10 (Final)\n',
      '/etc/redhat-release': { link: 'centos-release' },
    },
    family: 'redhat',
    id: 'centos',
    name: 'CentOS',
    version: '6.10',
    evidence: '/etc/centos-release',
  },
  'CentOS 7': {
    files: {
      '/etc/centos-release': 'CentOS Linux release 7.2.1511 (Core) \n',
      [etc]: 'NAME="CentOS Linux"\nVERSION="7 (Core)"\nID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="7"\n',
    },
    family: 'redhat',
    id: 'centos',
    name: 'CentOS Linux',
    version: '7.2.1511',
    evidence: etc,
  },
  'CentOS Stream 8': {
    files: {
      '/etc/centos-release': 'CentOS Stream release 8\n',
      [etc]: 'NAME="CentOS Stream"\nVERSION="8"\nID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="8"\n',
    },
    family: 'redhat',
    id: 'centos',
    name: 'CentOS Stream',
    version: '8',
    evidence: etc,
  },
  'Rocky Linux 9': {
    files: {
      '/etc/rocky-release': 'Rocky Linux release 9.3 (Blue Onyx)\n',
      [etc]:
        'NAME="Rocky Linux"\nVERSION="9.3 (Blue Onyx)"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.3"\n',
    },
    family: 'redhat',
    id: 'rocky',
    name: 'Rocky Linux',
    version: '9.3',
    evidence: etc,
  },
  'AlmaLinux 9': {
    files: {
      [etc]:
        'NAME="AlmaLinux"\nVERSION="9.4 (Seafoam Ocelot)"\nID="almalinux"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\n',
    },
    family: 'redhat',
    id: 'almalinux',
    name: 'AlmaLinux',
    version: '9.4',
    evidence: etc,
  },
  'RHEL 6': {
    files: { '/etc/redhat-release': 'Red Hat Enterprise Linux Server release 6.7 (Santiago)\n' },
    family: 'redhat',
    id: 'rhel',
    name: 'Red Hat Enterprise Linux Server',
    version: '6.7',
    evidence: '/etc/redhat-release',
  },
  'RHEL 7.2': {
    files: {
      '/etc/redhat-release': 'Red Hat Enterprise Linux Server release 7.2 (Maipo)\n',
      [etc]:
        'NAME="Red Hat Enterprise Linux Server"\nVERSION="7.2 (Maipo)"\nID="rhel"\nID_LIKE="fedora"\nVERSION_ID="7.2"\n',
    },
    family: 'redhat',
    id: 'rhel',
    name: 'Red Hat Enterprise Linux Server',
    version: '7.2',
    evidence: etc,
  },
  'Fedora 39': {
    files: {
      '/etc/fedora-release': 'Fedora release 39 (Thirty Nine)\n',
      [etc]: 'NAME="Fedora Linux"\nVERSION="39 (Cloud Edition)"\nID=fedora\nVERSION_ID=39\n',
    },
    family: 'redhat',
    id: 'fedora',
    name: 'Fedora Linux',
    version: '39',
    evidence: etc,
  },
  'Oracle Linux 5': {
    files: {
      '/etc/redhat-release': 'Red Hat Enterprise Linux Server release 5.5 (Tikanga)\n',
      '/etc/oracle-release': 'Oracle Linux Server release 5.6\n',
    },
    family: 'redhat',
    id: 'ol',
    name: 'Oracle Linux Server',
    version: '5.6',
    evidence: '/etc/oracle-release',
  },
  'Amazon Linux 2': {
    files: {
      '/etc/system-release': 'Amazon Linux release 2 (Karoo)\n',
      [etc]: 'NAME="Amazon Linux"\nVERSION="2"\nID="amzn"\nID_LIKE="centos rhel fedora"\nVERSION_ID="2"\n',
    },
    family: 'redhat',
    id: 'amzn',
    name: 'Amazon Linux',
    version: '2',
    evidence: etc,
  },
  'SLES 11': {
    files: {
      '/etc/SuSE-release': 'SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 3\n',
      '/etc/lsb-release': 'LSB_VERSION="core-2.0-noarch"\n',
    },
    family: 'suse',
    id: 'sles',
    name: 'SUSE Linux Enterprise Server',
    version: '11.3',
    evidence: '/etc/SuSE-release',
  },
  'SLES 12': {
    files: {
      [etc]: 'NAME="SLES"\nVERSION="12-SP1"\nVERSION_ID="12.1"\nID="sles"\n',
      '/etc/SuSE-release': 'SUSE Linux Enterprise Server 12 (x86_64)\nVERSION = 12\nPATCHLEVEL = 1\n',
    },
    family: 'suse',
    id: 'sles',
    name: 'SLES',
    version: '12.1',
    evidence: etc,
  },
  'SLES 15': {
    files: { [etc]: 'NAME="SLES"\nVERSION="15-SP4"\nVERSION_ID="15.4"\nID="sles"\nID_LIKE="suse"\n' },
    family: 'suse',
    id: 'sles',
    name: 'SLES',
    version: '15.4',
    evidence: etc,
  },
  'openSUSE 12.1': {
    files: { '/etc/SuSE-release': 'openSUSE 12.1 (x86_64)\nVERSION = 12.1\nCODENAME = Asparagus\n' },
    family: 'suse',
    id: 'opensuse',
    name: 'openSUSE',
    version: '12.1',
    evidence: '/etc/SuSE-release',
  },
  'openSUSE Leap': {
    files: {
      [etc]:
        'NAME="openSUSE Leap"\nVERSION="15.5"\nID="opensuse-leap"\nID_LIKE="suse opensuse"\nVERSION_ID="15.5"\n',
    },
    family: 'suse',
    id: 'opensuse-leap',
    name: 'openSUSE Leap',
    version: '15.5',
    evidence: etc,
  },
  'openSUSE Tumbleweed': {
    files: {
      '/usr/lib/os-release':
        'NAME="openSUSE Tumbleweed"\n# VERSION="20231012"\nID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\nVERSION_ID="20231012"\n',
    },
    family: 'suse',
    id: 'opensuse-tumbleweed',
    name: 'openSUSE Tumbleweed',
    version: '20231012',
    evidence: '/usr/lib/os-release',
  },
  Arch: {
    files: { [etc]: 'NAME="Arch Linux"\nPRETTY_NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling\n' },
    family: 'arch',
    id: 'arch',
    name: 'Arch Linux',
    version: undefined,
    evidence: etc,
  },
  'Arch before os-release': {
    files: { '/etc/arch-release': '' },
    family: 'arch',
    id: 'arch',
    name: 'Arch Linux',
    version: undefined,
    evidence: '/etc/arch-release',
  },
  Gentoo: {
    files: { [etc]: "NAME=Gentoo\nID=gentoo\nPRETTY_NAME='Gentoo Linux'\nVERSION_ID=2.14\n" },
    family: 'gentoo',
    id: 'gentoo',
    name: 'Gentoo',
    version: '2.14',
    evidence: etc,
  },
  'Gentoo before os-release': {
    files: { '/etc/gentoo-release': 'Gentoo Base System release 2.1\n' },
    family: 'gentoo',
    id: 'gentoo',
    name: 'Gentoo',
    version: '2.1',
    evidence: '/etc/gentoo-release',
  },
  Alpine: {
    files: {
      '/etc/alpine-release': '3.19.1\n',
      [etc]: 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.19.1\n',
    },
    family: 'alpine',
    id: 'alpine',
    name: 'Alpine Linux',
    version: '3.19.1',
    evidence: etc,
  },
  'Alpine before os-release': {
    files: { '/etc/alpine-release': '2.4.0\n' },
    family: 'alpine',
    id: 'alpine',
    name: 'Alpine Linux',
    version: '2.4.0',
    evidence: '/etc/alpine-release',
  },
  FreeBSD: {
    files: { '/bin/freebsd-version': '#!/bin/sh\nset -e\nUSERLAND_VERSION="10.1-RELEASE-p5"\n' },
    family: 'freebsd',
    id: 'freebsd',
    name: 'FreeBSD',
    version: '10.1',
    evidence: '/bin/freebsd-version',
  },
  'FreeBSD 9': {
    files: { '/libexec/ld-elf.so.1': '\x7fELF' },
    family: 'freebsd',
    id: 'freebsd',
    name: 'FreeBSD',
    version: undefined,
    evidence: '/libexec/ld-elf.so.1',
  },
  'something of its own': {
    files: { [etc]: 'NAME="Buildroot"\nID=buildroot\nVERSION_ID=2023.02\n' },
    family: 'other',
    id: 'buildroot',
    name: 'Buildroot',
    version: '2023.02',
    evidence: etc,
  },
};

describe("the guest's OS", () => {
  for (const [title, { files, ...expected }] of Object.entries(releases)) {
    it(title, async () => {
      assert.deepEqual(await gather(os, memoryImage(files)), { ...expected, kernels: [] });
    });
  }

  it('does not take a file without ID for an answer', async () => {
    const image = memoryImage({ [etc]: 'NAME=Odd\n', '/etc/debian_version': '6.0.1\n' });
    assert.equal((await gather(os, image)).evidence, '/etc/debian_version');
  });

  it('lists the kernels that are installed, oldest first', async () => {
    const image = memoryImage({
      '/etc/debian_version': '12.1\n',
      '/lib': { link: 'usr/lib' },
      '/usr/lib/modules/6.1.0-9-amd64/modules.dep': '',
      '/usr/lib/modules/6.1.0-13-amd64/modules.dep': '',
      '/usr/lib/modules/notes': 'no kernel',
      '/boot/vmlinuz-6.1.0-13-amd64': '',
      '/boot/vmlinuz-5.10.0-26-amd64': '',
      '/boot/vmlinuz-0-rescue-0f6a': '',
      '/boot/vmlinuz-lts': '',
      '/boot/initrd.img-4.19.0': '',
    });
    const { kernels } = await gather(os, image);
    assert.deepEqual(kernels, ['5.10.0-26-amd64', '6.1.0-9-amd64', '6.1.0-13-amd64']);
  });

  const refused = async (files: Record<string, MemoryNode>, code: string): Promise<void> => {
    await assert.rejects(gather(os, memoryImage(files, 'img')), (error) => {
      assert.ok(error instanceof ImageError);
      assert.equal(error.code, code);
      assert.match(error.message, /^img .*[^\n]$/);
      return true;
    });
  };

  it('refuses what does not look like a root', async () => {
    await refused({}, 'no-os');
    await refused({ '/README.md': 'hello', '/src/main.c': '' }, 'no-os');
  });

  it('says that Windows is Windows', () =>
    refused({ '/Windows/System32/config/SYSTEM': '' }, 'unsupported-os'));

  it('does not open a FIFO in the place of os-release', async () => {
    const image = memoryImage({ [etc]: { type: 'fifo' } });
    await assert.rejects(gather(os, image), { code: 'not-a-file' });
  });

  it('either answers or says why not, whatever the files hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), fc.string(), async (release, suse, debian) => {
        const image = memoryImage({
          [etc]: release,
          '/etc/SuSE-release': suse,
          '/etc/debian_version': debian,
        });
        assert.ok((await gather(os, image)).id);
      }),
    );
  });
});
