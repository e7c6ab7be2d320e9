import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { ImageError } from '../base/errors.js';
import type { Namespaces } from './namespaces.js';

/**
 * Answers names by DNS over UDP (RFC 1035 §4): the name `at-N.ZONE` is known to the Nth address alone; the others fail
 * (SERVFAIL), so that a resolver goes on to its next server (resolv.conf(5)). Of any other name each says that there is
 * none (NXDOMAIN). A question for another type than A is answered with nothing.
 */
const program = String.raw`
use strict; use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6 AF_INET6);
my ($zone, @addresses) = @ARGV; my @sockets;
for my $address (@addresses) {
  my $family = $address =~ /:/ ? AF_INET6 : AF_INET;
  my $packed = inet_pton($family, $address);
  socket(my $socket, $family, SOCK_DGRAM, 0) or next;
  my $name = $family == AF_INET ? pack_sockaddr_in(53, $packed) : pack_sockaddr_in6(53, $packed);
  bind($socket, $name) or next;
  push @sockets, [$socket, $address];
}
$| = 1; print "ready\n";
for (;;) {
  my $readable = ''; vec($readable, fileno($_->[0]), 1) = 1 for @sockets;
  select($readable, undef, undef, undef) > 0 or next;
  for (grep { vec($readable, fileno($_->[0]), 1) } @sockets) {
    my ($socket, $address) = @$_;
    my $from = recv($socket, my $question, 4096, 0) // next;
    length($question) > 17 or next;
    my ($at, @labels) = (12);
    while ((my $length = unpack("x$at C", $question)) > 0) {
      last if $at + $length + 6 > length($question);
      push @labels, substr($question, $at + 1, $length); $at += 1 + $length;
    }
    my ($type) = unpack("n", substr($question, $at + 1, 2));
    my $name = lc join(".", @labels); my ($code, $answer) = (3, "");
    if ($name =~ /^at-(\d{1,4})\.\Q$zone\E$/ && $1 < @addresses) {
      $code = $addresses[$1] eq $address ? 0 : 2;
      $answer = pack("nnnNnC4", 0xc00c, 1, 1, 0, 4, 198, 51, 100, $1) if $code == 0 && $type == 1;
    }
    my $header = pack("a2nnnnn", $question, 0x8180 | $code, 1, $answer ne "" ? 1 : 0, 0, 0);
    send($socket, $header . substr($question, 12, $at - 7) . $answer, 0, $from);
  }
}
`;

/** Name servers that a guest can ask. */
export interface NameServers extends Disposable {
  /** A name that only the server of this address knows; undefined when there is none. */
  nameAt(server: string): string | undefined;
  /** What it answers. */
  addressOf(name: string): string | undefined;
}

/**
 * Starts name servers at addresses that are in the network of the namespaces: see `leadNowhere`. What they know nobody
 * can have known before, so whoever resolves it has asked them. The zone is one that is never delegated (RFC 6761 §6.2)
 * and that no resolver wants signed.
 * @throws {ImageError} code `missing-tool`, `program-failed`
 */
export async function startNameServers(
  namespaces: Namespaces,
  addresses: readonly string[],
): Promise<NameServers> {
  const zone = `${randomBytes(8).toString('hex')}.test`;
  const running = await namespaces.start('perl', ['-e', program, zone, ...addresses], {
    enter: 'network',
    package: 'perl-base',
  });
  const [said] = (await Promise.race([
    once(running.output, 'data'),
    running.ended.then(() => ['']),
  ])) as readonly unknown[];
  running.output.resume();
  if (String(said) !== 'ready\n') {
    running.stop();
    throw new ImageError('program-failed', `the name servers could not be started: ${String(said).trim()}`);
  }
  const names = addresses.map((_, at) => `at-${at}.${zone}`);
  return {
    nameAt: (server) => names[addresses.indexOf(server)],
    addressOf: (name) => (names.includes(name) ? `198.51.100.${names.indexOf(name)}` : undefined),
    [Symbol.dispose]: () => {
      running.stop();
    },
  };
}
