#include <atomic>
#include <exception>

#include "environment.h"
#include "managed_table.h"
#include "native_table.h"
#include "outbox.h"
#include "platform.h"

namespace owin {

namespace {

// Rule 2 of bridge.h: nothing throws across. What can throw is std::bad_alloc.
template <typename Call>
int32_t Guarded(Call call) {
  try {
    return call();
  } catch (const std::exception&) {
    return OWIN_FAILED;
  }
}

int32_t OWIN_CALL Wait(OwinBatch* batch) {
  return Guarded([&] {
    Outbox::Get().Wait(batch);
    return static_cast<int32_t>(OWIN_OK);
  });
}

int32_t OWIN_CALL Post(OwinEnvironmentId environment, const uint8_t* head,
                       int32_t head_length, const uint8_t* payload,
                       int32_t payload_length) {
  return Guarded([&] {
    return Environment::Post(environment, head, head_length, payload,
                             payload_length);
  });
}

int32_t OWIN_CALL PostLater(OwinEnvironmentId environment, const uint8_t* head,
                            int32_t head_length, const uint8_t* payload,
                            int32_t payload_length) {
  return Guarded([&] {
    return Environment::PostLater(environment, head, head_length, payload,
                                  payload_length);
  });
}

int32_t OWIN_CALL Wake(OwinEnvironmentId environment) {
  return Guarded([&] { return Environment::WakeForFrames(environment); });
}

int32_t OWIN_CALL Copy(OwinEnvironmentId environment, const uint8_t* source,
                       uint8_t* destination, int32_t length) {
  return Guarded([&] {
    return Environment::Copy(environment, source, destination, length);
  });
}

OwinEnvironmentId OWIN_CALL Primary() { return Environment::Primary(); }

int32_t OWIN_CALL Reply(OwinEnvironmentId environment, int32_t number,
                        const uint8_t* bytes, int32_t length) {
  return Guarded(
      [&] { return Environment::Reply(environment, number, bytes, length); });
}

int32_t OWIN_CALL Serve(const OwinManaged* managed) {
  return SetManagedTable(managed) ? OWIN_OK : OWIN_FAILED;
}

int32_t OWIN_CALL LowerPriority() {
  return LowerThreadPriority() ? OWIN_OK : OWIN_FAILED;
}

int32_t OWIN_CALL LoadApart(const char* path) {
  return LoadLibraryApart(path) ? OWIN_OK : OWIN_FAILED;
}

std::atomic<const OwinManaged*> managed_table{nullptr};

}  // namespace

const OwinNative* NativeTable() {
  static const OwinNative table = {sizeof(OwinNative),
                                   Wait,
                                   Post,
                                   PostLater,
                                   Wake,
                                   Copy,
                                   Primary,
                                   Reply,
                                   Serve,
                                   LowerPriority,
                                   LoadApart};
  return &table;
}

const OwinManaged* ManagedTable() {
  return managed_table.load(std::memory_order_acquire);
}

bool SetManagedTable(const OwinManaged* managed) {
  if (managed->size < sizeof(OwinManaged)) return false;
  static const OwinManaged table = *managed;
  managed_table.store(&table, std::memory_order_release);
  return true;
}

}  // namespace owin
