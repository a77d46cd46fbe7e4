#include "library_architecture.h"

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace owin {

namespace {

struct Machine {
  uint32_t number;
  const char* name;
};

constexpr Machine kElf[] = {
    {3, "ia32"}, {40, "arm"}, {62, "x64"}, {183, "arm64"}, {243, "riscv64"}};
constexpr Machine kMachO[] = {{0x01000007, "x64"}, {0x0100000C, "arm64"}};
constexpr Machine kPe[] = {
    {0x014C, "ia32"}, {0x8664, "x64"}, {0xAA64, "arm64"}};

template <size_t kCount>
std::string NameOf(const Machine (&table)[kCount], uint32_t number) {
  for (const Machine& each : table)
    if (each.number == number) return each.name;
  return "processor " + std::to_string(number);
}

template <typename Number>
Number Read(const unsigned char* header, size_t offset) {
  Number number;
  std::memcpy(&number, header + offset, sizeof(number));
  return number;
}

}  // namespace

std::string LibraryArchitecture(const std::string& path) {
  unsigned char header[1024] = {};
  std::ifstream file(std::filesystem::u8path(path), std::ios::binary);
  file.read(reinterpret_cast<char*>(header), sizeof(header));
  if (std::memcmp(header,
                  "\x7F"
                  "ELF",
                  4) == 0)
    return NameOf(kElf, Read<uint16_t>(header, 18));
  if (Read<uint32_t>(header, 0) == 0xFEEDFACF)
    return NameOf(kMachO, Read<uint32_t>(header, 4));
  if (std::memcmp(header, "MZ", 2) == 0) {
    auto pe = Read<uint32_t>(header, 0x3C);
    if (pe < sizeof(header) - 6 && std::memcmp(header + pe, "PE\0\0", 4) == 0)
      return NameOf(kPe, Read<uint16_t>(header, pe + 4));
  }
  return {};
}

}  // namespace owin
