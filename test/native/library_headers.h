#ifndef OWIN_TEST_LIBRARY_HEADERS_H_
#define OWIN_TEST_LIBRARY_HEADERS_H_

#include <string>

// The beginnings of libraries for given processors, as the formats number them.
namespace owin {

inline std::string TwoBytes(unsigned number) {
  return {static_cast<char>(number & 0xFF), static_cast<char>(number >> 8)};
}

inline std::string ElfHeader(unsigned machine) {
  return "\x7F"
         "ELF" +
         std::string(14, '\2') + TwoBytes(machine) + std::string(44, '\0');
}

inline std::string MachOHeader(char processor) {
  return std::string("\xCF\xFA\xED\xFE") + processor +
         std::string("\0\0\1", 3) + std::string(24, '\0');
}

inline std::string PeHeader(unsigned machine) {
  return "MZ" + std::string(0x3A, '\0') + '\x40' + std::string(3, '\0') +
         std::string("PE\0\0", 4) + TwoBytes(machine);
}

}  // namespace owin

#endif
