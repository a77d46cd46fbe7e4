#include "semantic_version.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace owin {

TEST(SemanticVersion, OrdersAsSemverDoes) {
  const std::vector<std::string> ascending = {
      "2.1.30",
      "8.0.0-preview.7.23375.6",
      "8.0.0-rc.1.23419.4",
      "8.0.0-rc.2",
      "8.0.0-rc.2.1",
      "8.0.0-rc.10",
      "8.0.0-servicing",
      "8.0.0",
      "8.0.9",
      "8.0.10",
      "9.0.0",
      "10.0.0-preview.1",
      "10.0.0",
      "10.0.12",
  };
  for (size_t i = 0; i < ascending.size(); i++) {
    for (size_t j = 0; j < ascending.size(); j++) {
      auto left = SemanticVersion::Parse(ascending[i]);
      auto right = SemanticVersion::Parse(ascending[j]);
      ASSERT_TRUE(left && right);
      EXPECT_EQ(*left < *right, i < j) << ascending[i] << " " << ascending[j];
    }
  }
}

TEST(SemanticVersion, IgnoresBuildMetadata) {
  auto plain = SemanticVersion::Parse("8.0.1");
  auto built = SemanticVersion::Parse("8.0.1+abc");
  ASSERT_TRUE(plain && built);
  EXPECT_FALSE(*plain < *built || *built < *plain);
}

TEST(SemanticVersion, RefusesOtherNames) {
  for (const char* text :
       {"", "8", "8.0", "8.0.", "8.0.x", "v8.0.0", "8.0.0.1", "8.0.0-",
        "-1.0.0", "8.-1.0", "8 .0.0", "latest", "99999999999.0.0", ".DS_Store"})
    EXPECT_FALSE(SemanticVersion::Parse(text)) << text;
}

}  // namespace owin
