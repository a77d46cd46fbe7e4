#include "hosting_status.h"

#include <gtest/gtest.h>

namespace owin {

TEST(HostingStatus, AddsTheMeaningOfTheKnownOnes) {
  EXPECT_EQ(DescribeStatus(static_cast<int32_t>(0x80008096)),
            "0x80008096, a framework that is needed is not installed in a "
            "fitting version");
}

TEST(HostingStatus, GivesTheOthersInHex) {
  EXPECT_EQ(DescribeStatus(static_cast<int32_t>(0x80131040)), "0x80131040");
  EXPECT_EQ(DescribeStatus(2), "0x00000002");
}

TEST(HostingStatus, KnowsWhatToDoAboutWhatAnInstallationLacks) {
  EXPECT_NE(RemedyFor(static_cast<int32_t>(0x80008096)).find("Install"),
            std::string::npos);
  EXPECT_NE(RemedyFor(static_cast<int32_t>(0x80008087)).find("Repair"),
            std::string::npos);
  EXPECT_EQ(RemedyFor(2), "");
}

}  // namespace owin
