// Reads resources from stdin, one JSON text a line, and answers each with one line on stdout: what
// HAPI's instance validator finds in it by R4's base definitions. Needs no network: unknown code
// systems and profiles are warnings, references are not resolved, advice is left out.

package openims;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r5.utils.validation.constants.BestPracticeWarningLevel;

public final class ReferenceValidator {

  /** The validator makes it an error whatever it is told, when it may load none. */
  private static final String UNKNOWN_PROFILE = "Validation_VAL_Profile_Unknown";

  private ReferenceValidator() {}

  /**
   * Answers until stdin ends. An answer is {@code {"nanoseconds": N, "messages": [{"severity",
   * "id", "location", "text"}]}}, in the order of the questions; nanoseconds is the time that
   * validating took, without reading and writing.
   */
  public static void main(String[] arguments) throws IOException {
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    FhirValidator validator = makeValidator();
    BufferedReader questions =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = questions.readLine(); line != null; line = questions.readLine()) {
      answers.println(answer(validator, line));
    }
  }

  private static FhirValidator makeValidator() {
    FhirContext context = FhirContext.forR4();
    UnknownCodeSystemWarningValidationSupport unknownCodeSystems =
        new UnknownCodeSystemWarningValidationSupport(context);
    unknownCodeSystems.setNonExistentCodeSystemSeverity(IValidationSupport.IssueSeverity.WARNING);
    ValidationSupportChain support =
        new ValidationSupportChain(
            new DefaultProfileValidationSupport(context),
            new CommonCodeSystemsTerminologyService(context),
            new InMemoryTerminologyServerValidationSupport(context),
            new SnapshotGeneratingValidationSupport(context),
            unknownCodeSystems);
    FhirInstanceValidator instanceValidator = new FhirInstanceValidator(support);
    instanceValidator.setBestPracticeWarningLevel(BestPracticeWarningLevel.Ignore);
    instanceValidator.setErrorForUnknownProfiles(false);
    instanceValidator.setAnyExtensionsAllowed(true);
    instanceValidator.setAssumeValidRestReferences(true);
    instanceValidator.setAllowExamples(true);
    return context.newValidator().registerValidatorModule(instanceValidator);
  }

  private static JsonObject answer(FhirValidator validator, String resource) {
    long start = System.nanoTime();
    List<SingleValidationMessage> messages = validate(validator, resource);
    JsonObject answer = new JsonObject();
    answer.addProperty("nanoseconds", System.nanoTime() - start);
    JsonArray list = new JsonArray();
    messages.forEach(message -> list.add(toJson(message)));
    answer.add("messages", list);
    return answer;
  }

  private static List<SingleValidationMessage> validate(FhirValidator validator, String resource) {
    try {
      return validator.validateWithResult(resource).getMessages();
    } catch (RuntimeException fault) {
      SingleValidationMessage message = new SingleValidationMessage();
      message.setSeverity(ResultSeverityEnum.FATAL);
      message.setMessageId("thrown");
      message.setMessage(fault.toString());
      return List.of(message);
    }
  }

  private static JsonObject toJson(SingleValidationMessage message) {
    JsonObject json = new JsonObject();
    boolean aboutProfile = UNKNOWN_PROFILE.equals(message.getMessageId());
    ResultSeverityEnum severity = aboutProfile ? ResultSeverityEnum.WARNING : message.getSeverity();
    json.addProperty("severity", severity.getCode());
    json.addProperty("id", message.getMessageId());
    json.addProperty("location", message.getLocationString());
    json.addProperty("text", message.getMessage());
    return json;
  }
}
