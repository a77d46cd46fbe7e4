#ifndef OWIN_HOSTING_STATUS_H_
#define OWIN_HOSTING_STATUS_H_

#include <cstdint>
#include <string>

namespace owin {

// "0x80008096"
std::string HexStatus(int32_t status);

// A status of .NET's hosting API in hex, with its meaning where it is one of
// the well-known ones: "0x80008096, a framework is missing".
std::string DescribeStatus(int32_t status);

// What to do about it, or nothing.
std::string RemedyFor(int32_t status);

}  // namespace owin

#endif
