#ifndef OWIN_MANAGED_TABLE_H_
#define OWIN_MANAGED_TABLE_H_

#include "bridge.h"

namespace owin {

// The functions the addon calls in .NET; nullptr before it has said which.
// Threads: any. What was set is never changed and valid for ever.
const OwinManaged* ManagedTable();

// False: .NET's table is that of an older bridge.
bool SetManagedTable(const OwinManaged* managed);

}  // namespace owin

#endif
