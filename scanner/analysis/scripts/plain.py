"""Programs that run no code of the repository, and of themselves do nothing with a token."""

from typing import Final

PLAIN: Final = frozenset(
    "echo printf true false : test [ [[ cd pwd ls mkdir rmdir rm cp mv touch cat head tail tee grep egrep fgrep sed awk cut tr "
    "sort uniq wc tac rev jq yq date sleep exit return set unset export local readonly declare read shift trap wait break "
    "continue basename dirname realpath readlink chmod chown ln stat du df diff cmp sha256sum sha512sum sha1sum md5sum base64 "
    "tar zip unzip gzip gunzip xz zstd env printenv which command type hash uname id whoami hostname seq expr mktemp "
    "curl wget apt apt-get apk dnf yum nproc free tree file xxd od paste column comm join split nl "
    "openssl sysctl systemctl modprobe mount umount fallocate mkswap swapon swapoff lsblk lscpu ps kill pgrep ping dig ip "
    "ssh-keygen ssh-keyscan strings patch iconv envsubst bc shuf sync useradd groupadd usermod".split()
)
