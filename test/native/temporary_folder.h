#ifndef OWIN_TEST_TEMPORARY_FOLDER_H_
#define OWIN_TEST_TEMPORARY_FOLDER_H_

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace owin {

// A folder for one test, gone after it. Its name has a space and a letter
// outside ASCII, as users' folders do.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = ::testing::TempDir() + "owin \xC3\xA9 XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string Path(const std::string& relative = "") const {
    return relative.empty() ? path_.string() : (path_ / relative).string();
  }

  // Returns the full path of what it made.
  std::string Folder(const std::string& relative) const {
    std::filesystem::create_directories(path_ / relative);
    return Path(relative);
  }
  std::string File(const std::string& relative,
                   const std::string& content = "") const {
    auto path = path_ / relative;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
    return path.string();
  }
  std::string Link(const std::string& relative,
                   const std::string& target) const {
    auto path = path_ / relative;
    std::filesystem::create_directories(path.parent_path());
    std::filesystem::create_symlink(target, path);
    return path.string();
  }

 private:
  std::filesystem::path path_;
};

inline std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace owin

#endif
