#include "library_architecture.h"

#include <gtest/gtest.h>

#include "library_headers.h"
#include "platform.h"
#include "temporary_folder.h"

namespace owin {

TEST(LibraryArchitecture, KnowsARealLibrary) {
  EXPECT_EQ(LibraryArchitecture(OWIN_FAKES "/libhostfxr" OWIN_SHARED_SUFFIX),
            kArchitecture);
}

TEST(LibraryArchitecture, ReadsEachFormat) {
  TemporaryFolder folder;
  EXPECT_EQ(LibraryArchitecture(folder.File("x64.so", ElfHeader(62))), "x64");
  EXPECT_EQ(LibraryArchitecture(folder.File("a.so", ElfHeader(183))), "arm64");
  EXPECT_EQ(LibraryArchitecture(folder.File("s390x.so", ElfHeader(22))),
            "processor 22");
  EXPECT_EQ(LibraryArchitecture(folder.File("a.dylib", MachOHeader(0x0C))),
            "arm64");
  EXPECT_EQ(LibraryArchitecture(folder.File("a.dll", PeHeader(0xAA64))),
            "arm64");
  EXPECT_EQ(LibraryArchitecture(folder.File("x86.dll", PeHeader(0x14C))),
            "ia32");
}

TEST(LibraryArchitecture, LeavesTheRestToTheLoader) {
  TemporaryFolder folder;
  EXPECT_EQ(LibraryArchitecture(folder.File("empty")), "");
  EXPECT_EQ(LibraryArchitecture(folder.File("text", "INPUT(libc.so)")), "");
  EXPECT_EQ(LibraryArchitecture(folder.File("cut", "MZ")), "");
  EXPECT_EQ(LibraryArchitecture(folder.Path("missing")), "");
  EXPECT_EQ(LibraryArchitecture(folder.Folder("folder")), "");
}

}  // namespace owin
