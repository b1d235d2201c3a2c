#pragma once
// What people call things that have another name here: former names, those of siblings, and words
// of other tools. Each table is for one list of words; a name counts only if what it stands for is
// among those that are legal at the place.

#include <span>
#include <string>
#include <string_view>

namespace bsim {

struct OtherName {
    std::string_view written;  // in lower case
    std::string_view name;
};

std::span<const OtherName> other_keys();
std::span<const OtherName> other_faults();
std::span<const OtherName> other_words();
std::span<const OtherName> other_settings();

// The legal word that was likely meant: by the table, else the nearest; empty if none is near.
std::string meant(std::string_view word,
                  std::span<const std::string_view> words,
                  std::span<const OtherName> others);

// The same for requests, also by the names of Kafka's classes (FetchRequest), and for errors, also
// by the names of its exceptions (NotCoordinatorException).
std::string meant_api(std::string_view word, std::span<const std::string_view> words);
std::string meant_error(std::string_view word, std::span<const std::string_view> words);

}  // namespace bsim
