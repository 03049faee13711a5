// The worker of robosyncd, as tests of whole sessions start it.
#include <unistd.h>

#include "engine/daemon/session_worker_linux.h"

int main() { ::_exit(robosync::daemon::run_session_worker()); }
