/* libSystem.Globalization.Native on a machine without ICU. */
#include <stdint.h>

__attribute__((visibility("default"))) int32_t GlobalizationNative_LoadICU(
    void) {
  return 0;
}
