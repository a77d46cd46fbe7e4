#include "semantic_version.h"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <tuple>
#include <vector>

namespace owin {

namespace {

bool ReadNumber(const char** position, const char* end, int* number) {
  auto [next, error] = std::from_chars(*position, end, *number);
  if (error != std::errc() || **position == '-') return false;
  *position = next;
  return true;
}

bool ReadDot(const char** position, const char* end) {
  return *position != end && *(*position)++ == '.';
}

bool IsNumber(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char each) {
    return each >= '0' && each <= '9';
  });
}

bool IdentifierLess(const std::string& left, const std::string& right) {
  bool left_number = IsNumber(left);
  bool right_number = IsNumber(right);
  if (left_number != right_number) return left_number;
  if (left_number && left.size() != right.size())
    return left.size() < right.size();
  return left < right;
}

std::vector<std::string> Identifiers(const std::string& prerelease) {
  std::vector<std::string> identifiers;
  std::istringstream stream(prerelease);
  for (std::string each; std::getline(stream, each, '.');)
    identifiers.push_back(each);
  return identifiers;
}

bool PrereleaseLess(const std::string& left, const std::string& right) {
  if (left.empty() || right.empty()) return !left.empty() && right.empty();
  auto lefts = Identifiers(left);
  auto rights = Identifiers(right);
  return std::lexicographical_compare(
      lefts.begin(), lefts.end(), rights.begin(), rights.end(), IdentifierLess);
}

}  // namespace

std::optional<SemanticVersion> SemanticVersion::Parse(const std::string& text) {
  SemanticVersion version;
  const char* position = text.data();
  const char* end = position + text.size();
  if (!ReadNumber(&position, end, &version.major) || !ReadDot(&position, end) ||
      !ReadNumber(&position, end, &version.minor) || !ReadDot(&position, end) ||
      !ReadNumber(&position, end, &version.patch))
    return std::nullopt;
  std::string rest(position, end);
  rest.erase(std::min(rest.find('+'), rest.size()));
  if (rest.empty()) return version;
  if (rest[0] != '-' || rest.size() == 1) return std::nullopt;
  version.prerelease = rest.substr(1);
  return version;
}

bool SemanticVersion::operator<(const SemanticVersion& other) const {
  auto numbers = std::tie(major, minor, patch);
  auto others = std::tie(other.major, other.minor, other.patch);
  if (numbers != others) return numbers < others;
  return PrereleaseLess(prerelease, other.prerelease);
}

}  // namespace owin
