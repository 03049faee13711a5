// What counts as the same name where case is not told.
#include "engine/base/case_folding.h"

#include <gtest/gtest.h>

#include <utility>

namespace robosync::base {
namespace {

TEST(CaseFolding, PairsOfLettersAreOne) {
  for (const auto& [capital, small] : {std::pair("AZ", "az"),
                                       {"ÄÖÜÀÞ", "äöüàþ"},
                                       {"ĀŁŽ", "āłž"},
                                       {"ΑΩΣΆ", "αωσά"},
                                       {"ᾈᾏᾚᾯᾼῌῼ", "ᾀᾇᾒᾧᾳῃῳ"},
                                       {"АЯЁЂ", "аяёђ"},
                                       {"ԱՖ", "աֆ"},
                                       {"ẠỸ", "ạỹ"},
                                       {"Ａ", "ａ"},
                                       {"Ⓐ", "ⓐ"}}) {
    EXPECT_EQ(folded_case(capital), small);
    EXPECT_EQ(folded_case(small), small);
  }
}

TEST(CaseFolding, NoLanguageHasASayAndNothingGetsLonger) {
  for (const char* text :
       {"ß", "ẞ", "İ", "ı", "\u212A", "\u212B", "ς", "ǅ", "×", "÷", "中", "😀", "Ⱥ"}) {
    EXPECT_EQ(folded_case(text), text);
  }
}

TEST(CaseFolding, WhatIsNotUtf8StaysAsItIs) {
  EXPECT_EQ(folded_case("A\xC3"), "a\xC3");
  EXPECT_EQ(folded_case("\xC3"
                        "A"),
            "\xC3"
            "a");
  EXPECT_EQ(folded_case("\xE1\xBA"), "\xE1\xBA");
  EXPECT_EQ(folded_case("\xFF\x80\xC0\x80"), "\xFF\x80\xC0\x80");
  EXPECT_EQ(folded_case("\xC3\x84\x84"), "\xC3\xA4\x84");
  EXPECT_EQ(folded_case("\xED\xA0\xBD"), "\xED\xA0\xBD");
}

}  // namespace
}  // namespace robosync::base
