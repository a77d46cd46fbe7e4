#include <exception>

#include "environment.h"
#include "native_table.h"
#include "outbox.h"

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

}  // namespace

const OwinNative* NativeTable() {
  static const OwinNative table = {
      sizeof(OwinNative), Wait, Post, PostLater, Wake, Copy, Primary, Reply};
  return &table;
}

}  // namespace owin
