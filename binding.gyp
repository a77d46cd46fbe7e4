{
  'includes': ['native/sources.gypi'],
  'variables': {
    'nethost': '<!(node native/nethost-path.mjs <(target_arch))',
  },
  'targets': [
    {
      'target_name': 'owin',
      'sources': ['<@(owin_sources)'],
      'defines': ['<@(owin_defines)'],
      'include_dirs': [
        "<!(node -p \"require('node-addon-api').include_dir\")",
        '<(nethost)',
      ],
      'cflags!': ['-O3'],
      'cflags_cc!': ['-fno-exceptions', '-std=gnu++20'],
      'cflags_cc': ['-std=c++17', '-O2', '-Wall', '-Wextra', '-fvisibility=hidden'],
      'conditions': [
        ['OS=="linux"', {
          'libraries': ['<(nethost)/libnethost.a', '-ldl', '-lpthread'],
          'ldflags': ['-Wl,--exclude-libs,ALL'],
        }],
        ['OS=="mac"', {
          'libraries': ['<(nethost)/libnethost.a'],
          'xcode_settings': {
            'CLANG_CXX_LANGUAGE_STANDARD': 'c++17',
            'GCC_ENABLE_CPP_EXCEPTIONS': 'YES',
            'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
            'MACOSX_DEPLOYMENT_TARGET': '11.0',
            'OTHER_CPLUSPLUSFLAGS': ['-Wall', '-Wextra'],
          },
        }],
        ['OS=="win"', {
          'library_dirs': ['<(nethost)'],
          'libraries': ['libnethost.lib', 'advapi32.lib'],
          'defines': ['NOMINMAX', 'WIN32_LEAN_AND_MEAN', '_HAS_EXCEPTIONS=1'],
          'msvs_settings': {
            'VCCLCompilerTool': {
              'ExceptionHandling': 1,
              'AdditionalOptions': ['/std:c++17', '/utf-8'],
            },
          },
        }],
      ],
    },
  ],
}
