#!/usr/bin/env bash
# Runs a command while an emulated machine with an aarch64 processor is there, on Debian's kernel, that has the programs of a build.
#
#     tools/on_machine.sh PACKAGES BUILD COMMAND...
#
# PACKAGES is where tools/debian_packages.sh has put the kernel (and busybox, and musl's library); BUILD is a directory, whose programs and
# libraries are on the machine by the same names, in memory. COMMAND runs here, and has programs run there by tools/in_machine.sh.
set -euo pipefail

[[ $# -ge 3 ]] || { sed -n '2,7p' "$0" >&2; exit 2; }
packages=$(realpath "$1")
build=$(realpath "$2")
shift 2

work=$(mktemp -d)
machine=''
finish() {
  [[ -z $machine ]] || kill "$machine" 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap finish EXIT

# What is in the machine's memory: busybox, the C and C++ libraries, the programs, and what it begins with.
root=$work/root
mkdir -p "$root"/{bin,dev,etc,lib,mnt,proc,sys,tmp}
cp "$packages/bin/busybox" "$root/bin/"
ln -s busybox "$root/bin/sh"
cp -L "$packages"/lib/ld-musl-*.so.1 /usr/aarch64-linux-gnu/lib/{ld-linux*,lib{atomic,c,dl,gcc_s,m,pthread,resolv,rt,stdc++}.so.*} "$root/lib/"
(cd / && find "${build#/}" -type d \( -name CMakeFiles -o -name Testing \) -prune -o \( -type f -perm -u+x -o -name '*.so*' \) -print0 |
  xargs -0 cp -a --parents -t "$root")
echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
echo '127.0.0.1 localhost' >"$root/etc/hosts"
cat >"$root/init" <<'INIT'
#!/bin/sh
/bin/busybox --install -s /bin
mount -t proc proc /proc && mount -t sysfs sys /sys && mount -t devtmpfs dev /dev
mount -t tmpfs tmp /mnt && cp -a /tmp/. /mnt && mount -o move /mnt /tmp # the build may be there
mkdir /dev/pts /dev/shm /dev/mqueue
mount -t devpts pts /dev/pts -o ptmxmode=666 && mount -t tmpfs shm /dev/shm && mount -t mqueue mqueue /dev/mqueue
ifconfig lo up
stty raw -echo
cd /tmp
echo 'machine: ready'
while IFS= read -r line; do
  echo "machine: begin ${line%% *}"
  (eval "exec timeout -s KILL 1700 ${line#* }") </dev/null 2>&1
  status=$?
  echo
  echo "machine: end ${line%% *} $status"
done
INIT
chmod +x "$root/init"
(cd "$root" && find . | cpio --quiet -o -H newc | gzip -1) >"$work/memory"
rm -rf "$root"

mkfifo "$work"/serial.{in,out}
qemu-system-aarch64 -M virt -cpu max,pauth-impdef=on -smp 2 -m 2048 -nic none -display none -monitor none -serial "pipe:$work/serial" -no-reboot \
  -kernel "$packages"/boot/vmlinuz-* -initrd "$work/memory" -append 'console=ttyAMA0 quiet panic=-1' &
machine=$!
exec 3<>"$work/serial.out"
until [[ ${line-} == *'machine: ready'* ]]; do
  IFS= read -r -t 300 line <&3 || { echo "the machine does not begin"; exit 1; }
done

POLITE_MACHINE=$work/serial "$@"
