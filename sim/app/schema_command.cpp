#include "sim/app/schema_command.h"

#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/scenario/nearest.h"
#include "sim/scenario/schema.h"
#include "sim/world/judged_run.h"

namespace bsim {
namespace {

std::string enum_complaint(const std::string& name) {
    if (enum_values(name, Vocabulary{}))
        return "";
    const auto names = enum_names();
    const std::vector<std::string_view> words(names.begin(), names.end());
    const auto near = nearest(name, words);
    return fmt::format("\"{}\" is the name of no list of words; {}", name,
                       near ? fmt::format("did you mean \"{}\"?", *near)
                            : fmt::format("expected one of: {}", fmt::join(names, ", ")));
}

void print_values(const std::string& name, bool json) {
    const auto values = *enum_values(name, vocabulary());
    if (json)
        return print(nlohmann::ordered_json{{"enum", name}, {"values", values}}.dump() + "\n");
    for (const std::string& value : values)
        print(value + "\n");
}

}  // namespace

void add_schema_command(CLI::App& root, const GlobalOptions& global) {
    auto name = std::make_shared<std::string>();
    auto checks = std::make_shared<bool>(false);
    CLI::App* command =
        root.add_subcommand("schema", "Print the scenario format as a JSON Schema (draft-07)");
    auto* list = command
                     ->add_option("--enum", *name,
                                  "Print the words of one place instead, such as fault or check")
                     ->check(enum_complaint);
    command->add_flag("--checks", *checks, "The same as --enum check")->excludes(list);
    command->callback([name, checks, &global] {
        if (*checks)
            *name = "check";
        if (!name->empty())
            return print_values(*name, global.json);
        print(scenario_schema(vocabulary()).dump(1) + "\n");
    });
}

}  // namespace bsim
