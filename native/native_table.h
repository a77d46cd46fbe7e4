#ifndef OWIN_NATIVE_TABLE_H_
#define OWIN_NATIVE_TABLE_H_

#include "bridge.h"

namespace owin {

// The functions .NET calls, for `OwinInitialize`. Valid for ever.
const OwinNative* NativeTable();

}  // namespace owin

#endif
