#ifndef OWIN_CHILD_SIGNALS_H_
#define OWIN_CHILD_SIGNALS_H_

namespace owin {

// Both Node and .NET learn of the end of their children by SIGCHLD. .NET's
// handler calls the one it found; libuv's calls nobody, replaces what it finds
// when it gets its first child, and goes back to the default after the last
// one: .NET would then wait for its own children for ever. This keeps libuv's
// handler installed for the life of the process, so .NET's stays on top of it.
//
// To be called before the CLR starts, from any thread; a second call does
// nothing. False: there is no libuv in the process, or somebody else's handler
// (that of a CLR that runs already) would be lost.
bool KeepChildSignals();

}  // namespace owin

#endif
