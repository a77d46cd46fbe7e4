#if defined(_WIN32)

#include "signal_guard.h"

namespace owin {

SignalGuard::SignalGuard() {}

SignalGuard::~SignalGuard() {}

void RestoreListeners(const std::vector<int>&) {}

}  // namespace owin

#endif
