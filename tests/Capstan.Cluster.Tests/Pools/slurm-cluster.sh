#!/bin/bash
# Runs a Slurm in a temporary folder until standard input ends: writes the path of its configuration, or what went wrong.
trap '' INT HUP TERM
folder=$(mktemp -d "$1/capstan-slurm-XXXXXX") && cd "$folder" && mkdir state spool || exit 1
chmod 755 "$folder"
port=$(perl -MIO::Socket::INET -e '
    # As many neighbouring free ports as there are daemons, below those that the system gives to whoever asks for any, and others for every process.
    for my $try (0..50) { my $base = 20000 + 7 * (($$ + 37 * $try) % 1700); my @all = map { IO::Socket::INET->new(Listen => 1, LocalPort => $base + $_) } 0..6;
        if (7 == grep { defined } @all) { print $base; exit } }')
host=$(hostname -s)
head -c 1024 /dev/urandom > munge.key && chmod 600 munge.key
cat > slurm.conf <<END
ClusterName=capstan
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$folder/munge.sock
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool/%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd-%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=64
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=1,sched_interval=1,sched_min_interval=0,batch_sched_delay=0
PriorityType=priority/basic
AccountingStorageType=accounting_storage/none
ReturnToService=2
SlurmctldTimeout=120
SlurmdTimeout=120
InactiveLimit=0
KillWait=2
MinJobAge=600
MessageTimeout=60
BatchStartTimeout=60
ResumeProgram=$folder/resume.sh
SuspendProgram=$folder/suspend.sh
ResumeTimeout=180
SuspendTimeout=3
SuspendTime=5
SuspendExcParts=fixed
ResumeRate=0
SuspendRate=0
TreeWidth=65533
SlurmdParameters=config_overrides
PrivateData=cloud
NodeName=node1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=8 RealMemory=4096 State=UNKNOWN
NodeName=node2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=8 RealMemory=4096 State=UNKNOWN
NodeName=cloud1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 3)) CPUs=8 RealMemory=4096 State=CLOUD
NodeName=cloud2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 4)) CPUs=8 RealMemory=4096 State=CLOUD
NodeName=cloud3 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 5)) CPUs=8 RealMemory=4096 State=CLOUD
NodeName=cloud4 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 6)) CPUs=8 RealMemory=4096 State=CLOUD
PartitionName=fixed Nodes=node[1-2] Default=YES MaxTime=INFINITE State=UP
PartitionName=elastic Nodes=cloud[1-4] MaxTime=INFINITE State=UP
END
# -b: the machine did not boot anew, and a node that has not would be ignored. The power programs run with SIGTERM blocked.
cat > resume.sh <<END
#!/bin/bash
export SLURM_CONF=$folder/slurm.conf
for node in \$(scontrol show hostnames "\$1"); do
    echo "resume \$node" >> $folder/power.log
    env -i --default-signal PATH=/usr/sbin:/usr/bin:/sbin:/bin SLURM_CONF=\$SLURM_CONF setsid slurmd -b -N \$node -f \$SLURM_CONF < /dev/null > /dev/null 2>&1
done
END
cat > suspend.sh <<END
#!/bin/bash
export SLURM_CONF=$folder/slurm.conf
for node in \$(scontrol show hostnames "\$1"); do
    echo "suspend \$node" >> $folder/power.log
    [ -f $folder/slurmd-\$node.pid ] && kill \$(cat $folder/slurmd-\$node.pid) 2> /dev/null
done
exit 0
END
chmod +x resume.sh suspend.sh
export SLURM_CONF=$folder/slurm.conf
# Into files: what daemons inherit must not hold the test program's pipes.
{
    munged --force --socket="$folder/munge.sock" --key-file="$folder/munge.key" --pid-file="$folder/munged.pid" \
        --log-file="$folder/munged.log" --seed-file="$folder/munged.seed" --num-threads=2
    # By its full name: what the daemons are given, jobs find in their environment.
    slurmctld -c -f "$folder/slurm.conf"
    slurmd -c -N node1 -f "$folder/slurm.conf"
    slurmd -c -N node2 -f "$folder/slurm.conf"
} > start.log 2>&1 < /dev/null
for try in $(seq 1 1800); do
    [ "$(sinfo -h -p fixed -t idle -o %D 2> /dev/null)" = 2 ] && ready=1 && break
    sleep 0.1
done
if [ "${ready:-}" = 1 ]; then echo "$folder/slurm.conf"; else tail -n 3 start.log slurmctld.log | tr '\n' ' '; echo; fi
cat > /dev/null
scancel --state=RUNNING --user=root > /dev/null 2>&1
end() { [ -f "$1" ] && grep -q "^$2" "/proc/$(cat "$1")/comm" 2> /dev/null && kill "-$3" "$(cat "$1")"; }
for signal in TERM KILL; do
    for file in slurmd-*.pid; do end "$file" slurmd $signal; done
    end slurmctld.pid slurmctld $signal
    sleep 1
done
end munged.pid munged TERM
sleep 1
cd / && rm -rf "$folder"
