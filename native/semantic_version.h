#ifndef OWIN_SEMANTIC_VERSION_H_
#define OWIN_SEMANTIC_VERSION_H_

#include <optional>
#include <string>

namespace owin {

// The name of a version folder: "10.0.0-rc.1.25451.107". Ordered as semver.org
// says (section 11): a release comes after its previews, numbers by value.
struct SemanticVersion {
  int major = 0;
  int minor = 0;
  int patch = 0;
  std::string prerelease;  // without the hyphen; empty for a release

  static std::optional<SemanticVersion> Parse(const std::string& text);

  bool operator<(const SemanticVersion& other) const;
};

}  // namespace owin

#endif
