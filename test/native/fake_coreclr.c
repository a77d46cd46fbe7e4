/* What libcoreclr does to signals when it starts. */
#include <signal.h>

static void Handle(int signal) { (void)signal; }

__attribute__((visibility("default"))) void TakeSignal(int number) {
  struct sigaction action = {0};
  action.sa_handler = number == SIGPIPE ? SIG_IGN : Handle;
  sigaction(number, &action, 0);
}
