#include "environment.h"

#include <atomic>
#include <cstring>
#include <mutex>
#include <new>
#include <utility>

#include "outbox.h"

namespace owin {

namespace {

constexpr uint32_t kMaxEnvironments = 4096;

// An id is a slot (never 0) and a generation.
std::atomic<Environment*> slots[kMaxEnvironments];
std::atomic<uint32_t> slots_used{1};

std::mutex& OpeningMutex() {
  static std::mutex& mutex = *new std::mutex();
  return mutex;
}
uint64_t openings = 0;

void CallOnWake(napi_env env, napi_value on_wake, void*, void*) {
  if (env == nullptr) return;
  napi_value undefined;
  napi_get_undefined(env, &undefined);
  napi_call_function(env, undefined, on_wake, 0, nullptr, nullptr);
}

}  // namespace

Environment* Environment::Open(napi_env env, napi_value on_wake) {
  napi_value name;
  napi_threadsafe_function wake;
  if (napi_create_string_utf8(env, "owin", NAPI_AUTO_LENGTH, &name) !=
          napi_ok ||
      napi_create_threadsafe_function(env, on_wake, nullptr, name, 0, 1,
                                      nullptr, nullptr, nullptr, CallOnWake,
                                      &wake) != napi_ok) {
    return nullptr;
  }
  napi_unref_threadsafe_function(env, wake);

  std::lock_guard<std::mutex> opening(OpeningMutex());
  uint32_t slot = 1;
  uint32_t used = slots_used.load();
  while (slot < used && slots[slot].load()->id_ != 0) slot++;
  if (slot == kMaxEnvironments) return nullptr;
  if (slot == used) {
    slots[slot].store(new Environment());
    slots_used.store(used + 1);
  }
  Environment* self = slots[slot].load();
  {
    std::unique_lock<std::shared_mutex> exclusive(self->lifetime_);
    self->generation_++;
    self->id_ = (static_cast<uint64_t>(self->generation_) << 32) | slot;
    self->opened_ = ++openings;
    self->wake_ = wake;
  }
  napi_add_env_cleanup_hook(env, Close, self);
  return self;
}

void Environment::Close(void* data) {
  Environment* self = static_cast<Environment*>(data);
  std::lock_guard<std::mutex> opening(OpeningMutex());
  OwinEnvironmentId id = self->id_;
  {
    std::unique_lock<std::shared_mutex> exclusive(self->lifetime_);
    self->id_ = 0;
    self->wake_ = nullptr;
  }
  self->inbox_.Clear();
  Outbox::Get().Close(id);
}

OwinEnvironmentId Environment::Primary() {
  std::lock_guard<std::mutex> opening(OpeningMutex());
  const Environment* oldest = nullptr;
  for (uint32_t slot = 1; slot < slots_used.load(); slot++) {
    const Environment* each = slots[slot].load();
    if (each->id_ == 0) continue;
    if (oldest == nullptr || each->opened_ < oldest->opened_) oldest = each;
  }
  return oldest == nullptr ? 0 : oldest->id_;
}

Environment* Environment::Find(OwinEnvironmentId id) {
  uint32_t slot = static_cast<uint32_t>(id);
  return slot != 0 && slot < slots_used.load(std::memory_order_acquire)
             ? slots[slot].load(std::memory_order_acquire)
             : nullptr;
}

template <typename Call>
int32_t Environment::Touch(OwinEnvironmentId id, Call call) {
  Environment* self = Find(id);
  if (self == nullptr) return OWIN_CLOSED;
  std::shared_lock<std::shared_mutex> shared(self->lifetime_);
  if (self->id_ != id) return OWIN_CLOSED;
  call(self);
  return OWIN_OK;
}

int32_t Environment::Post(OwinEnvironmentId id, const uint8_t* head,
                          size_t head_length, const uint8_t* payload,
                          size_t payload_length) {
  return Touch(id, [&](Environment* self) {
    if (self->inbox_.Append(head, head_length, payload, payload_length)) {
      self->CallWake();
    }
  });
}

int32_t Environment::PostLater(OwinEnvironmentId id, const uint8_t* head,
                               size_t head_length, const uint8_t* payload,
                               size_t payload_length) {
  return Touch(id, [&](Environment* self) {
    self->inbox_.AppendLater(head, head_length, payload, payload_length);
  });
}

int32_t Environment::WakeForFrames(OwinEnvironmentId id) {
  return Touch(id, [](Environment* self) {
    if (self->inbox_.Disarm()) self->CallWake();
  });
}

int32_t Environment::Copy(OwinEnvironmentId id, const uint8_t* source,
                          uint8_t* destination, size_t length) {
  return Touch(id,
               [&](Environment*) { std::memcpy(destination, source, length); });
}

int32_t Environment::Reply(OwinEnvironmentId id, int32_t number,
                           const uint8_t* bytes, size_t length) {
  bool awaited = false;
  int32_t status = Touch(id, [&](Environment* self) {
    awaited = self->reply_.Deliver(number, bytes, length);
  });
  return status == OWIN_OK && !awaited ? OWIN_CLOSED : status;
}

void Environment::Wake(OwinEnvironmentId id) {
  Touch(id, [](Environment* self) { self->CallWake(); });
}

void Environment::CallWake() {
  napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking);
}

void Environment::Ref(napi_env env) {
  napi_ref_threadsafe_function(env, wake_);
}

void Environment::Unref(napi_env env) {
  napi_unref_threadsafe_function(env, wake_);
}

}  // namespace owin
