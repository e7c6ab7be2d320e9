import assert from 'node:assert/strict';
import { chooseTools } from '../../../images/install/tools-iso.js';

/** What is on the tools ISO of XenServer 6.2, and on later ones. */
const names = [
  'Linux/install.sh',
  'Linux/xe-guest-utilities_6.2.0-1120_i386.deb',
  'Linux/xe-guest-utilities_6.2.0-1120_amd64.deb',
  'Linux/xe-guest-utilities-6.2.0-1120.x86_64.rpm',
  'Linux/xe-guest-utilities-xenstore-6.2.0-1120.x86_64.rpm',
  'Linux/xe-guest-utilities-6.2.0-1120.i386.rpm',
  'Linux/xe-guest-utilities-xenstore-6.2.0-1120.i386.rpm',
  '../xe-guest-utilities_9.0-1_amd64.deb',
];

describe('the tools ISO', () => {
  for (const [manager, architecture, expected] of [
    ['dpkg', 'amd64', ['Linux/xe-guest-utilities_6.2.0-1120_amd64.deb']],
    ['dpkg', 'i386', ['Linux/xe-guest-utilities_6.2.0-1120_i386.deb']],
    ['dpkg', 'arm64', []],
    [
      'rpm',
      'x86_64',
      [
        'Linux/xe-guest-utilities-6.2.0-1120.x86_64.rpm',
        'Linux/xe-guest-utilities-xenstore-6.2.0-1120.x86_64.rpm',
      ],
    ],
    [
      'rpm',
      'i686',
      [
        'Linux/xe-guest-utilities-6.2.0-1120.i386.rpm',
        'Linux/xe-guest-utilities-xenstore-6.2.0-1120.i386.rpm',
      ],
    ],
    ['none', 'x86_64', []],
  ] as const) {
    it(`for ${manager} on ${architecture} has ${expected.length} package(s)`, () => {
      assert.deepEqual(chooseTools(names, manager, architecture), expected);
    });
  }
  it('has a package for every architecture where it has none for this one', () => {
    assert.deepEqual(chooseTools(['a/xe-guest-utilities_8.0-1_all.deb'], 'dpkg', 'amd64'), [
      'a/xe-guest-utilities_8.0-1_all.deb',
    ]);
  });
});
