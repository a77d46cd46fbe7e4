/* An addon with the faults that the sanitizers are there to find, so that a run
 * can show that it would have found them; and the leak check itself. */
#define NAPI_VERSION 8
#include <node_api.h>
#include <stdint.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>

static napi_value CheckLeaks(napi_env env, napi_callback_info info) {
  (void)env;
  (void)info;
  __lsan_do_recoverable_leak_check();
  return NULL;
}
#else
static napi_value CheckLeaks(napi_env env, napi_callback_info info) {
  (void)env;
  (void)info;
  return NULL;
}
#endif

/* Several, because a stale register may still hold the last one. */
static napi_value Leak(napi_env env, napi_callback_info info) {
  (void)env;
  (void)info;
  for (int i = 0; i < 16; i++) {
    volatile char* lost = malloc(100);
    lost[0] = 1;
  }
  return NULL;
}

static napi_value Overflow(napi_env env, napi_callback_info info) {
  (void)info;
  volatile char* block = malloc(16);
  volatile int past = 16;
  napi_value value;
  napi_create_int32(env, block[past], &value);
  free((void*)block);
  return value;
}

static napi_value Undefined(napi_env env, napi_callback_info info) {
  (void)info;
  volatile int32_t most = INT32_MAX;
  napi_value value;
  napi_create_int32(env, most + 1, &value);
  return value;
}

static void Export(napi_env env, napi_value exports, const char* name,
                   napi_callback callback) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, NULL, &function);
  napi_set_named_property(env, exports, name, function);
}

__attribute__((visibility("default"))) napi_value napi_register_module_v1(
    napi_env env, napi_value exports) {
  Export(env, exports, "checkLeaks", CheckLeaks);
  Export(env, exports, "leak", Leak);
  Export(env, exports, "overflow", Overflow);
  Export(env, exports, "undefined", Undefined);
  return exports;
}
