// The seccomp filter, as BPF written out: a list of the calls that sessions make. One more library
// would buy nothing but names.
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/daemon/sandbox_parts_linux.h"

namespace robosync::daemon {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t kArchitecture = 0;  // none of ours: no filter
#endif

// Numbers of another call table than ours (x32 on x86-64) begin here.
constexpr std::uint32_t kForeignTable = 0x4000'0000;

// Only an intruder asks for these.
constexpr auto kFatal = std::to_array<long>({SYS_execve,
                                             SYS_execveat,
                                             SYS_ptrace,
                                             SYS_process_vm_readv,
                                             SYS_process_vm_writev,
                                             SYS_mount,
                                             SYS_umount2,
                                             SYS_pivot_root,
                                             SYS_chroot,
                                             SYS_init_module,
                                             SYS_finit_module,
                                             SYS_delete_module,
                                             SYS_kexec_load,
                                             SYS_bpf,
                                             SYS_perf_event_open,
                                             SYS_keyctl,
                                             SYS_add_key,
                                             SYS_request_key,
                                             SYS_setns,
                                             SYS_unshare,
                                             SYS_userfaultfd,
                                             SYS_reboot,
                                             SYS_swapon,
                                             SYS_swapoff,
                                             SYS_settimeofday,
                                             SYS_clock_settime,
                                             SYS_acct,
                                             SYS_open_by_handle_at,
                                             SYS_personality});

constexpr auto kAllowed = std::to_array<long>({
    // Files. mknodat makes FIFOs; devices need a capability that no worker has.
    SYS_mknodat,
    SYS_openat,
    SYS_openat2,
    SYS_close,
    SYS_close_range,
    SYS_read,
    SYS_write,
    SYS_readv,
    SYS_writev,
    SYS_pread64,
    SYS_pwrite64,
    SYS_preadv,
    SYS_pwritev,
    SYS_preadv2,
    SYS_pwritev2,
    SYS_lseek,
    SYS_copy_file_range,
    SYS_sendfile,
    SYS_splice,
    SYS_tee,
    SYS_vmsplice,
    SYS_fallocate,
    SYS_ftruncate,
    SYS_truncate,
    SYS_fadvise64,
    SYS_readahead,
    SYS_fsync,
    SYS_fdatasync,
    SYS_sync_file_range,
    SYS_syncfs,
    SYS_flock,
    SYS_fcntl,
    SYS_ioctl,
    SYS_dup,
    SYS_dup3,
    SYS_newfstatat,
    SYS_fstat,
    SYS_statx,
    SYS_fstatfs,
    SYS_statfs,
    SYS_faccessat,
    SYS_faccessat2,
    SYS_getdents64,
    SYS_readlinkat,
    SYS_mkdirat,
    SYS_unlinkat,
    SYS_renameat,
    SYS_renameat2,
    SYS_linkat,
    SYS_symlinkat,
    SYS_fchmod,
    SYS_fchmodat,
    SYS_fchown,
    SYS_fchownat,
    SYS_utimensat,
    SYS_umask,
    SYS_getcwd,
    SYS_chdir,
    SYS_fchdir,
    SYS_getxattr,
    SYS_lgetxattr,
    SYS_fgetxattr,
    SYS_setxattr,
    SYS_lsetxattr,
    SYS_fsetxattr,
    SYS_listxattr,
    SYS_llistxattr,
    SYS_flistxattr,
    SYS_removexattr,
    SYS_lremovexattr,
    SYS_fremovexattr,
    SYS_memfd_create,
    SYS_name_to_handle_at,
    // The connection that is there; no new one.
    SYS_recvfrom,
    SYS_recvmsg,
    SYS_recvmmsg,
    SYS_sendto,
    SYS_sendmsg,
    SYS_sendmmsg,
    SYS_shutdown,
    SYS_getsockopt,
    SYS_setsockopt,
    SYS_getsockname,
    SYS_getpeername,
    SYS_socketpair,
    SYS_pipe2,
    SYS_ppoll,
    SYS_pselect6,
    SYS_epoll_create1,
    SYS_epoll_ctl,
    SYS_epoll_pwait,
    SYS_eventfd2,
    SYS_timerfd_create,
    SYS_timerfd_settime,
    SYS_timerfd_gettime,
    // Memory and threads; clone is looked at below, and without clone3 the C library uses clone.
    SYS_brk,
    SYS_mmap,
    SYS_munmap,
    SYS_mremap,
    SYS_mprotect,
    SYS_madvise,
    SYS_mincore,
    SYS_mlock,
    SYS_munlock,
    SYS_futex,
    SYS_set_robust_list,
    SYS_get_robust_list,
    SYS_rseq,
    SYS_set_tid_address,
    SYS_membarrier,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_sched_setaffinity,
    SYS_sched_getparam,
    SYS_sched_getscheduler,
    SYS_getcpu,
    SYS_exit,
    SYS_exit_group,
    // Signals to ourselves, time, identity.
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_rt_sigpending,
    SYS_rt_sigtimedwait,
    SYS_rt_sigsuspend,
    SYS_sigaltstack,
    SYS_tgkill,
    SYS_tkill,
    SYS_kill,
    SYS_restart_syscall,
    SYS_clock_gettime,
    SYS_clock_getres,
    SYS_clock_nanosleep,
    SYS_nanosleep,
    SYS_gettimeofday,
    SYS_getrandom,
    SYS_getpid,
    SYS_gettid,
    SYS_getppid,
    SYS_getuid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getegid,
    SYS_getgroups,
    SYS_getresuid,
    SYS_getresgid,
    SYS_setresuid,
    SYS_setresgid,
    SYS_setgroups,
    SYS_setuid,
    SYS_setgid,
    SYS_capget,
    SYS_capset,
    SYS_prctl,
    SYS_seccomp,
    SYS_prlimit64,
    SYS_getrlimit,
    SYS_getrusage,
    SYS_times,
    SYS_uname,
    SYS_sysinfo,
    SYS_getpriority,
    SYS_setpriority,
    SYS_landlock_create_ruleset,
    SYS_landlock_add_rule,
    SYS_landlock_restrict_self,
// Older forms that the C library of x86-64 still uses.
#if defined(__x86_64__)
    SYS_open,
    SYS_stat,
    SYS_lstat,
    SYS_poll,
    SYS_select,
    SYS_access,
    SYS_readlink,
    SYS_rename,
    SYS_mkdir,
    SYS_mknod,
    SYS_rmdir,
    SYS_unlink,
    SYS_link,
    SYS_symlink,
    SYS_chmod,
    SYS_chown,
    SYS_lchown,
    SYS_dup2,
    SYS_pipe,
    SYS_epoll_create,
    SYS_epoll_wait,
    SYS_eventfd,
    SYS_getdents,
    SYS_futimesat,
    SYS_utimes,
    SYS_utime,
    SYS_time,
    SYS_arch_prctl,
    SYS_alarm,
    SYS_pause,
#endif
});

sock_filter statement(unsigned code, std::uint32_t value) {
  return {static_cast<std::uint16_t>(code), 0, 0, value};
}

sock_filter jump(unsigned code, std::uint32_t value, std::uint8_t when_true,
                 std::uint8_t when_false) {
  return {static_cast<std::uint16_t>(code), when_true, when_false, value};
}

std::vector<sock_filter> program() {
  constexpr std::uint32_t kKill = SECCOMP_RET_KILL_PROCESS;
  std::vector<sock_filter> out;
  out.push_back(statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)));
  out.push_back(jump(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0));
  out.push_back(statement(BPF_RET | BPF_K, kKill));
  out.push_back(statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  out.push_back(jump(BPF_JMP | BPF_JGE | BPF_K, kForeignTable, 0, 1));
  out.push_back(statement(BPF_RET | BPF_K, kKill));
  // Threads, but no processes. (The flags' low half decides; both processors are little-endian.)
  out.push_back(jump(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(SYS_clone), 0, 4));
  out.push_back(statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)));
  out.push_back(jump(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1));
  out.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  out.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
  // Each call has its own return: jumps of BPF reach only 255 steps.
  for (const long call : kAllowed) {
    out.push_back(jump(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1));
    out.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  }
  for (const long call : kFatal) {
    out.push_back(jump(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1));
    out.push_back(statement(BPF_RET | BPF_K, kKill));
  }
  // ENOSYS, so that a library falls back on what it did before the call existed.
  out.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS));
  return out;
}

}  // namespace

base::Result<bool> seccomp_confine() {
  if (kArchitecture == 0) return false;
  std::vector<sock_filter> filter = program();
  const sock_fprog description{static_cast<unsigned short>(filter.size()), filter.data()};
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &description) == 0) return true;
  if (errno == EINVAL || errno == ENOSYS) return false;
  return base::fail(base::from_errno(errno, "seccomp"));
}

}  // namespace robosync::daemon
