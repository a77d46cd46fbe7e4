#ifndef OWIN_LIBRARY_ARCHITECTURE_H_
#define OWIN_LIBRARY_ARCHITECTURE_H_

#include <string>

namespace owin {

// The processor a native library was built for, in Node's words ("x64",
// "arm64"), read from its ELF, Mach-O or PE header. Empty where the file is
// none of these or holds several. Asked because the loaders do not say it: for
// a foreign library glibc reports "No such file or directory".
std::string LibraryArchitecture(const std::string& path);

}  // namespace owin

#endif
