#if defined(_WIN32)

#include "child_signals.h"

namespace owin {

bool KeepChildSignals() { return true; }

}  // namespace owin

#endif
