#ifndef OWIN_TEST_DOTNET_ROOT_H_
#define OWIN_TEST_DOTNET_ROOT_H_

#include <string>
#include <vector>

#include "platform.h"
#include "temporary_folder.h"

namespace owin {

struct DotnetRoot {
  std::vector<std::string> hostfxr = {"10.0.12"};
  std::vector<std::string> runtimes = {"10.0.12"};
  std::vector<std::string> aspnetcore = {};
  std::string library = OWIN_FAKES "/libhostfxr" OWIN_SHARED_SUFFIX;

  // Makes the folders of an installation and returns its path.
  std::string Make(const TemporaryFolder& folder,
                   const std::string& name = "dotnet") const {
    std::string root = folder.Folder(name);
    for (const auto& version : hostfxr)
      folder.Link(name + "/host/fxr/" + version + "/" + kHostfxrFile, library);
    for (const auto& version : runtimes)
      folder.Folder(name + "/shared/Microsoft.NETCore.App/" + version);
    for (const auto& version : aspnetcore)
      folder.Folder(name + "/shared/Microsoft.AspNetCore.App/" + version);
    folder.File(name + "/" + kDotnetFile);
    return root;
  }
};

}  // namespace owin

#endif
