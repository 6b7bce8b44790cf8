#include "crontab/programs.h"

#include <string.h>

#include "crontab/words.h"

/* clang-format off */
static const char *const programs[] = {
    /* the shell's own */
    ".", ":", "[", "[[", "!", "{", "alias", "bg", "break", "builtin", "case", "cd", "command", "echo", "eval", "exec", "exit", "export",
    "false", "for", "function", "if", "kill", "let", "printf", "pwd", "read", "set", "sleep", "source", "test", "time", "timeout", "trap",
    "true", "ulimit", "umask", "unset", "until", "wait", "while",
    /* shells, and what runs another program */
    "ash", "bash", "chronic", "chroot", "chrt", "csh", "daemonize", "dash", "doas", "env", "fish", "flock", "ionice", "ksh", "lckdo",
    "lockfile", "lockrun", "nice", "nohup", "nsenter", "parallel", "run-one", "run-parts", "runuser", "script", "setlock", "setsid", "sh",
    "solo", "sshpass", "stdbuf", "su", "sudo", "taskset", "tcsh", "unshare", "watch", "xargs", "zsh", "cronic", "cronitor", "systemd-cat",
    "systemd-run", "dbus-run-session", "xvfb-run", "screen", "tmux", "runitor", "sentry-cli", "fdmove", "envdir", "chpst", "s6-setuidgid",
    "gosu", "setuidgid", "busybox",
    /* files and texts */
    "awk", "basename", "bunzip2", "bzip2", "cat", "chgrp", "chmod", "chown", "cp", "cpio", "cut", "dd", "df", "diff", "du", "egrep", "fgrep",
    "file", "find", "gawk", "grep", "gunzip", "gzip", "head", "hostname", "id", "install", "ln", "locate", "ls", "md5sum", "mkdir", "mktemp",
    "mount", "mv", "nl", "pax", "perl", "readlink", "realpath", "rename", "rev", "rm", "rmdir", "sed", "sha256sum", "shred", "sort", "split",
    "stat", "sync", "tac", "tail", "tar", "tee", "touch", "tr", "trash-empty", "truncate", "umount", "uname", "uniq", "unlink", "unzip",
    "updatedb", "wc", "xz", "yes", "zcat", "zip", "zstd", "7z", "7za", "tmpwatch", "tmpreaper", "savelog", "logrotate", "fstrim", "sysctl",
    /* languages and their tools */
    "ant", "artisan", "bin/console", "bundle", "cargo", "clojure", "composer", "conda", "deno", "dotnet", "drush", "elixir", "gem", "go",
    "gradle", "groovy", "java", "julia", "lua", "make", "manage.py", "mix", "mono", "mvn", "node", "nodejs", "npm", "npx", "nvm", "php",
    "php-cgi", "pip", "pip3", "pipenv", "pnpm", "poetry", "psysh", "pyenv", "python", "python2", "python3", "R", "Rscript", "rails", "rake",
    "rbenv", "ruby", "rvm", "sbt", "scala", "swift", "tclsh", "ts-node", "uv", "uvx", "venv", "virtualenv", "wp", "yarn", "magento",
    /* nets */
    "aws", "az", "curl", "dig", "fetch", "ftp", "gcloud", "gsutil", "host", "http", "ifconfig", "ip", "iptables", "lftp", "links", "lynx",
    "nc", "ncat", "netstat", "nmap", "nslookup", "ntpdate", "chronyc", "ping", "rclone", "rdiff-backup", "rsnapshot", "rsync", "s3cmd",
    "scp", "sftp", "ss", "ssh", "telnet", "tcpdump", "traceroute", "unison", "wget", "wg", "sendmail", "mail", "mailx", "mutt", "msmtp",
    "fetchmail", "getmail", "mbsync", "offlineimap", "certbot", "acme.sh", "letsencrypt", "dehydrated", "lego", "ddclient", "speedtest-cli",
    "youtube-dl", "yt-dlp", "notify-send", "isync", "w3m", "wall", "write", "xmessage",
    /* stores */
    "borg", "borgmatic", "duplicity", "innobackupex", "mariadb", "mariadb-dump", "mongo", "mongodump", "mysql", "mysqladmin", "mysqlcheck",
    "mysqldump", "pg_dump", "pg_dumpall", "pg_basebackup", "psql", "redis-cli", "restic", "sqlite3", "vacuumdb", "xtrabackup", "influx",
    "kopia", "automysqlbackup", "autopostgresqlbackup", "zfs", "zpool", "btrfs", "mdadm", "smartctl", "lvcreate", "btrbk", "sanoid",
    "syncoid",
    /* systems */
    "apachectl", "apk", "apt", "apt-get", "aptitude", "at", "brew", "cpupower", "cron", "crontab", "date", "dnf", "docker",
    "docker-compose", "dpkg", "emerge", "ethtool", "flatpak", "freshclam", "clamscan", "fuser", "git", "gpg", "hg", "hwclock", "initctl",
    "invoke-rc.d", "journalctl", "killall", "kubectl", "helm", "launchctl", "logger", "loginctl", "lsof", "lxc", "modprobe", "newaliases",
    "nginx", "nix-collect-garbage", "nft", "osascript", "pacman", "pgrep", "pidof", "pkg", "pkill", "pm2", "podman", "postqueue", "poweroff",
    "ps", "puppet", "chef-client", "salt-call", "ansible", "ansible-playbook", "ansible-pull", "reboot", "renice", "rkhunter", "chkrootkit",
    "rndc", "rpm", "sa-learn", "sa-update", "sar", "sendEmail", "service", "setfacl", "shutdown", "snap", "spamassassin", "squid",
    "supervisorctl", "svn", "swapoff", "swapon", "systemctl", "terraform", "top", "tune2fs", "ufw", "update-rc.d", "uptime", "useradd",
    "vmstat", "w", "who", "xrandr", "yum", "zypper", "asterisk", "fs_cli", "occ", "mandb", "man", "texhash", "cvs", "bzr", "news", "feh",
    "gsettings", "pactl", "amixer", "mpg123", "mplayer", "vlc", "cvlc", "ffmpeg", "convert", "streamer", "fswebcam", "raspistill", "vcgencmd",
    "munin-cron", "nagios", "rrdtool", "monit", "webalizer", "awstats.pl", "geoipupdate", "postgres", "sa1", "sa2", "apcaccess", "sensors",
    NULL};

static const char *const surely[] = {"root", "www-data", "nobody", "toor", NULL};

static const char *const accounts[] = {
    "root", "toor", "daemon", "bin", "sys", "sync", "games", "man", "lp", "mail", "news", "uucp", "proxy", "www-data", "backup", "list",
    "irc", "gnats", "nobody", "operator", "adm", "ftp", "www", "wwwrun", "apache", "httpd", "http", "nginx", "lighttpd", "caddy", "sshd",
    "postgres", "pgsql", "mysql", "mariadb", "mongodb", "redis", "memcache", "rabbitmq", "elasticsearch", "cassandra", "kafka", "zookeeper",
    "influxdb", "grafana", "prometheus", "postfix", "exim", "Debian-exim", "debian-exim", "dovecot", "vmail", "mailman", "amavis", "clamav",
    "debian-spamd", "spamd", "logcheck", "munin", "nagios", "icinga", "zabbix", "cacti", "smokeping", "asterisk", "freeswitch", "named",
    "bind", "ntp", "chrony", "squid", "tomcat", "jenkins", "gitlab", "git", "gitea", "svn", "puppet", "chef", "vagrant", "ubuntu", "debian",
    "centos", "ec2-user", "admin", "cloud-user", "pi", "syslog", "messagebus", "smmsp", "openldap", "ldap", "nut", "bacula",
    "amanda", "amandabackup", "plex", "transmission", "debian-transmission", "nextcloud", "oracle", "hadoop", "hdfs", "spark", "airflow",
    "_apt", "_postgres", "polkitd", "snort", "ossec", "tor", "debian-tor", "sysstat", "systemd-network", "unbound", "uuidd",
    NULL};
/* clang-format on */

/* "python3.11", "php8.2" are what they are without the version. */
bool program_is_known(const char *word, size_t len)
{
    size_t bare = len;

    while (bare > 2 && strchr("0123456789.-", word[bare - 1]) != NULL)
        bare--;
    return word_is_listed(programs, word, len) || word_is_listed(programs, word, bare);
}

bool account_is_usual(const char *word, size_t len)
{
    return word_is_listed(accounts, word, len);
}

bool account_is_no_program(const char *word, size_t len)
{
    return word_is_listed(surely, word, len);
}
