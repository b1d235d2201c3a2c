#include "sim/app/usage.h"

#include <charconv>
#include <fmt/format.h>
#include <string_view>
#include <vector>

#include "sim/scenario/nearest.h"
#include "sim/scenario/quantity.h"

namespace bsim {
namespace {

std::vector<std::string> command_names(const CLI::App& root) {
    std::vector<std::string> names;
    for (const CLI::App* command : root.get_subcommands(nullptr)) {
        names.push_back(command->get_name());
        const auto& aliases = command->get_aliases();
        names.insert(names.end(), aliases.begin(), aliases.end());
    }
    return names;
}

// The command that was recognized, or the one within it; nullptr if none was.
const CLI::App* chosen(const CLI::App& root) {
    const CLI::App* found = nullptr;
    for (auto parsed = root.get_subcommands(); !parsed.empty(); parsed = found->get_subcommands()) {
        found = parsed.front();
    }
    return found;
}

// "groups describe"
std::string path_of(const CLI::App& root, const CLI::App* command) {
    std::string path;
    for (; command != nullptr && command != &root; command = command->get_parent())
        path = command->get_name() + (path.empty() ? "" : " ") + path;
    return path;
}

// Of the command, if there is one, and those that stand before any command.
std::vector<std::string> option_names(const CLI::App& root) {
    std::vector<std::string> names;
    for (const CLI::App* app : {chosen(root), &root}) {
        if (app == nullptr)
            continue;
        for (const CLI::Option* option : app->get_options()) {
            for (const std::string& name : option->get_lnames())
                names.push_back("--" + name);
        }
    }
    return names;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& legal) {
    const std::vector<std::string_view> words(legal.begin(), legal.end());
    const auto near = nearest(word, words);
    return near ? fmt::format("; did you mean \"{}\"?", *near) : "";
}

std::string about_option(const CLI::App& root, const std::string& word) {
    const std::string name = word.substr(0, word.find('='));
    return fmt::format("unknown option \"{}\"{}", name, did_you_mean(name, option_names(root)));
}

// The first word that no rule took; empty if there is none.
std::string first_left_over(const CLI::App& root) {
    for (const std::string& word : root.remaining(true)) {
        if (word != "--")
            return word;
    }
    return "";
}

std::string about_command(const CLI::App& root, const std::string& word) {
    const std::vector<std::string> names = command_names(root);
    std::string hint = word.empty() ? "" : did_you_mean(word, names);
    if (hint.empty())
        hint = fmt::format("; expected one of: {}", fmt::join(names, ", "));
    return (word.empty() ? "no command" : fmt::format("unknown command \"{}\"", word)) + hint;
}

}  // namespace

std::string usage_complaint(const CLI::App& root, const CLI::ParseError& error) {
    const std::string word = first_left_over(root);
    if (word.size() > 1 && word.starts_with('-'))
        return about_option(root, word);
    const CLI::App* const within = chosen(root) == nullptr ? &root : chosen(root);
    if (!command_names(*within).empty() &&
        dynamic_cast<const CLI::RequiredError*>(&error) != nullptr)
        return about_command(*within, word);
    if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr)
        return fmt::format("unexpected argument \"{}\"", word);
    const std::string said = error.what();
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) == nullptr)
        return said;
    const std::string name = said.substr(0, said.find(':'));
    if (said.ends_with(" missing"))
        return name + " needs a value";
    return said.find("At Most 1 ") == std::string::npos ? said : name + " stands there twice";
}

std::string help_command(const CLI::App& root) {
    const std::string path = path_of(root, chosen(root));
    return fmt::format("{} {}{}--help", root.get_name(), path, path.empty() ? "" : " ");
}

std::string path_complaint(const std::string& text) {
    return text.empty() ? "the name is empty" : "";
}

std::string duration_complaint(const std::string& text) {
    const auto parsed = parse_duration(text);
    if (parsed.ok())
        return "";
    const QuantityError& error = parsed.error();
    if (error.suggestion.empty())
        return error.message + ", such as 30s";
    return fmt::format("{}; did you mean \"{}\"?", error.message, error.suggestion);
}

std::string count_complaint(const std::string& text) {
    int count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole && count > 0 ? "" : fmt::format("\"{}\" is no number above 0", text);
}

}  // namespace bsim
