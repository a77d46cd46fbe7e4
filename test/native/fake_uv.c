/* The functions of libuv that keep a handler for SIGCHLD. */
#include <signal.h>
#include <stddef.h>

size_t uv_loop_size(void) { return 8; }
size_t uv_handle_size(int type) { return type == 16 ? 8 : 0; }
int uv_loop_init(void* loop) { return loop == NULL; }
// As libuv does, which finds them when the signal comes.
void* fake_uv_kept[2];
int uv_signal_init(void* loop, void* handle) {
  fake_uv_kept[0] = loop;
  fake_uv_kept[1] = handle;
  return loop == NULL || handle == NULL;
}
static void Handle(int signal) { (void)signal; }
int uv_signal_start(void* handle, void (*callback)(void*, int), int number) {
  (void)handle;
  (void)callback;
  signal(number, Handle);
  return 0;
}
