#ifndef OWIN_ICU_H_
#define OWIN_ICU_H_

#include <string>
#include <utility>
#include <vector>

namespace owin {

// Whether .NET would end the process for want of ICU, its culture data, as on
// slim images. `framework` is the folder of Microsoft.NETCore.App, `properties`
// are those the runtime will be started with.
bool IcuIsMissing(
    const std::string& framework,
    const std::vector<std::pair<std::string, std::string>>& properties);

}  // namespace owin

#endif
