/* bridge.h is C: this file is compiled as C, and holds what Bridge.cs relies
 * on. */
#include "bridge.h"

_Static_assert(offsetof(OwinNative, size) == 0, "size comes first");
_Static_assert(sizeof(OwinEnvironmentId) == 8, "ids are 64 bits");
_Static_assert(offsetof(OwinBatch, environment) == 0, "OwinBatch");
_Static_assert(offsetof(OwinBatch, frames) == 8, "OwinBatch");
_Static_assert(offsetof(OwinBatch, buffers) == 16, "OwinBatch");
_Static_assert(offsetof(OwinBatch, frames_length) == 24, "OwinBatch");
_Static_assert(offsetof(OwinBatch, closed) == 32, "OwinBatch");
_Static_assert(sizeof(OwinBuffer) == 16, "OwinBuffer");
_Static_assert(offsetof(OwinCall, memory) == 8, "OwinCall");
_Static_assert(offsetof(OwinCall, buffers) == 16, "OwinCall");
_Static_assert(offsetof(OwinCall, memory_length) == 24, "OwinCall");
_Static_assert(offsetof(OwinCall, function) == 36, "OwinCall");
_Static_assert(offsetof(OwinCall, result_length) == 48, "OwinCall");
_Static_assert(offsetof(OwinManaged, size) == 0, "size comes first");

static int32_t OWIN_CALL Wait(OwinBatch* batch) {
  batch->closed = 1;
  return OWIN_CLOSED;
}

static int32_t OWIN_CALL Initialize(const OwinNative* native) {
  OwinBatch batch = {0};
  return native->size == sizeof(OwinNative) &&
                 native->wait(&batch) == OWIN_CLOSED && batch.closed == 1
             ? OWIN_OK
             : OWIN_FAILED;
}

int main(void) {
  OwinNative native = {0};
  OwinInitialize initialize = Initialize;
  native.size = sizeof(native);
  native.wait = Wait;
  return initialize(&native);
}
