#!/bin/sh
# The first process of a rescue system that a virtual machine boots: makes a broken server on /dev/vdb from the tarball that
# is /dev/vdc, rescues it by the standalone executable, and says what there was before and after. Each answer stands between
# two lines that start with @@.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root XDG_STATE_HOME=/run/state LC_ALL=C.UTF-8 NO_COLOR=1
exec </dev/null >/dev/ttyS0 2>&1
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run
mkdir -p /run/state /run/lock
# LVM leaves the names of its devices to udev.
/lib/systemd/systemd-udevd --daemon && udevadm trigger && udevadm settle

ask() {
  name=$1
  shift
  echo "@@ begin $name"
  "$@"
  result=$?
  echo "@@ end $name $result"
  return $result
}
hallmark() {
  /usr/local/bin/hallmark "$@" --debug
}

make_server() {
  printf 'label: gpt\nsize=64MiB,type=uefi\n,\n' | sfdisk --quiet /dev/vdb &&
    mkfs.vfat -n ESP /dev/vdb1 &&
    pvcreate -qq /dev/vdb2 && vgcreate -qq vg0 /dev/vdb2 &&
    lvcreate -qq --wipesignatures n -n root -L 700M vg0 &&
    lvcreate -qq --wipesignatures n -n var -L 320M vg0 &&
    mkfs.ext4 -q /dev/vg0/root && mkfs.xfs -q /dev/vg0/var &&
    mount /dev/vg0/root /mnt && mkdir -p /mnt/var /mnt/boot/efi &&
    mount /dev/vg0/var /mnt/var && mount /dev/vdb1 /mnt/boot/efi &&
    tar -C /mnt -xpf /dev/vdc && mkdir -p /mnt/boot/efi/EFI/debian &&
    cat >/mnt/etc/fstab <<EOF
/dev/mapper/vg0-root / ext4 errors=remount-ro 0 1
/dev/vg0/var /var xfs defaults 0 2
UUID=$(blkid -p -s UUID -o value /dev/vdb1) /boot/efi vfat umask=0077 0 1
EOF
  made=$?
  umount /mnt/boot/efi /mnt/var /mnt && vgchange -qq -an vg0
  return $made
}

mounted() {
  vgchange -qq -ay vg0 && mount -o ro /dev/vg0/root /mnt && mount -o ro /dev/vg0/var /mnt/var &&
    mount -o ro /dev/vdb1 /mnt/boot/efi && "$@"
  outcome=$?
  umount /mnt/boot/efi /mnt/var /mnt && vgchange -qq -an vg0
  return $outcome
}
survey() {
  (cd /mnt && find . -printf '%P %y %m %U %G %T@ %l\n' | sort | sha256sum && cat etc/shadow etc/rc?.d/* 2>/dev/null | sha256sum)
}
left() {
  grep -E 'vdb|vg0' /proc/mounts
  dmsetup ls | grep vg0
  ls /tmp
}
password() {
  perl -e 'open F, "/mnt/etc/shadow"; while (<F>) { $h = $1 if /^root:([^:]*):/ } exit !(crypt("secret", $h) eq $h)'
}
rescue() {
  printf 'secret\n' | hallmark rescue "$@" --yes --root-password-fd 0 --target nova-agent --verbose
}
killed() {
  /usr/local/bin/hallmark rescue --yes --target nova-agent --verbose >/dev/null 2>/tmp/said &
  until grep -q '^plan' /tmp/said || ! kill -0 $!; do sleep 0.1; done
  kill -9 $!
  wait $!
  rm /tmp/said
  for _ in 1 2 3 4 5 6 7 8 9; do grep -q vg0-root /proc/[0-9]*/mounts 2>/dev/null && sleep 1; done
  dmsetup ls | grep vg0
}
clash() {
  only='devices{filter=["a|^/dev/vdd$|","r|.*|"]}'
  pvcreate -qq /dev/vdd && vgcreate -qq --config "$only" vg0 /dev/vdd &&
    lvcreate -qq --config "$only" -n root -L 16M vg0 && rescue /dev/vdb
}

off() {
  echo o >/proc/sysrq-trigger
  sleep 60
}

ask node sh -c 'command -v node nodejs'
ask make make_server || off
ask before mounted survey
ask killed killed
ask rescue rescue
ask left left
ask check mounted hallmark check /mnt --target nova-agent
ask password mounted password
ask undo hallmark undo /dev/mapper/vg0-root --yes
ask left-after-undo left
ask after mounted survey
ask clash clash
off
