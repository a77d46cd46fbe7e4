#include "icu.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "temporary_folder.h"

namespace owin {

#if defined(__linux__)

class Icu : public ::testing::Test {
 protected:
  Icu() {
    unsetenv("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT");
    unsetenv("DOTNET_SYSTEM_GLOBALIZATION_APPLOCALICU");
  }
  const std::string framework_ = OWIN_FAKES;
};

TEST_F(Icu, IsMissingWhereDotnetDoesNotFindIt) {
  EXPECT_TRUE(IcuIsMissing(framework_, {}));
  EXPECT_TRUE(
      IcuIsMissing(framework_, {{"System.Globalization.Invariant", "false"}}));
}

TEST_F(Icu, IsNotNeededInInvariantMode) {
  EXPECT_FALSE(
      IcuIsMissing(framework_, {{"System.Globalization.Invariant", "true"}}));
  setenv("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1", 1);
  EXPECT_FALSE(IcuIsMissing(framework_, {}));
}

TEST_F(Icu, TheEnvironmentGoesBeforeTheProperty) {
  setenv("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "0", 1);
  EXPECT_TRUE(
      IcuIsMissing(framework_, {{"System.Globalization.Invariant", "true"}}));
}

TEST_F(Icu, AnAppsOwnIcuIsLeftToDotnet) {
  EXPECT_FALSE(
      IcuIsMissing(framework_, {{"System.Globalization.AppLocalIcu", "72.1"}}));
}

TEST_F(Icu, AFrameworkWithoutTheLibraryIsLeftToDotnet) {
  TemporaryFolder folder;
  EXPECT_FALSE(IcuIsMissing(folder.Path(), {}));
}

#endif

}  // namespace owin
