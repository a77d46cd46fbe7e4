#ifndef OWIN_ENVIRONMENT_H_
#define OWIN_ENVIRONMENT_H_

#include <node_api.h>

#include <shared_mutex>

#include "bridge.h"
#include "inbox.h"
#include "reply.h"

namespace owin {

// One JavaScript environment (the main thread or a worker): its inbox and the
// wake of its event loop.
//
// Threads: Open, Close, Take and the napi calls on the environment's own
// thread; Post, PostLater, Copy and both wakes from any.
// Ownership: objects are never freed but used again for later environments, so
// that a CLR thread may hold an id for ever; the id's generation tells uses apart.
// Invariants:
//  1. `lifetime_` is held shared by whoever touches the threadsafe function or
//     memory of JavaScript's, exclusively by Open and Close: after Close has
//     returned no CLR thread reaches into the environment.
//  2. The threadsafe function is never released: the environment's teardown
//     finalizes it after Close (the cleanup hook was added later, so runs first).
class Environment {
 public:
  // Opens the environment of `env`; `on_wake` is called without arguments on
  // its thread. nullptr: too many are open, or an exception is pending.
  static Environment* Open(napi_env env, napi_value on_wake);

  // The oldest one still open, or 0.
  static OwinEnvironmentId Primary();

  static int32_t Post(OwinEnvironmentId id, const uint8_t* head,
                      size_t head_length, const uint8_t* payload,
                      size_t payload_length);
  static int32_t PostLater(OwinEnvironmentId id, const uint8_t* head,
                           size_t head_length, const uint8_t* payload,
                           size_t payload_length);
  static int32_t WakeForFrames(OwinEnvironmentId id);
  static int32_t Copy(OwinEnvironmentId id, const uint8_t* source,
                      uint8_t* destination, size_t length);
  static int32_t Reply(OwinEnvironmentId id, int32_t number,
                       const uint8_t* bytes, size_t length);
  static void Wake(OwinEnvironmentId id);

  OwinEnvironmentId id() const { return id_; }
  Inbox& inbox() { return inbox_; }
  AwaitedReply& reply() { return reply_; }

  // Whether a wake-up to come keeps the event loop alive.
  void Ref(napi_env env);
  void Unref(napi_env env);

 private:
  static Environment* Find(OwinEnvironmentId id);
  // Calls `call` with the environment, which cannot close meanwhile.
  template <typename Call>
  static int32_t Touch(OwinEnvironmentId id, Call call);
  void CallWake();
  static void Close(void* self);

  std::shared_mutex lifetime_;
  OwinEnvironmentId id_ = 0;  // 0: closed
  uint32_t generation_ = 0;
  uint64_t opened_ = 0;  // order of opening
  napi_threadsafe_function wake_ = nullptr;
  Inbox inbox_;
  AwaitedReply reply_;
};

}  // namespace owin

#endif
